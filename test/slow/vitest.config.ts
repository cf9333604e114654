import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { CountsReporter } from "../counts-reporter.ts";

/**
 * The files that end in `.slow.ts`. They test at full size what `npm test` tests with smaller examples: CONTRIBUTING
 * says which.
 */
export default defineConfig({
  root: fileURLToPath(new URL("../..", import.meta.url)),
  test: {
    include: ["test/**/*.slow.ts"],
    exclude: ["**/node_modules/**", "dist/**"],
    pool: "forks",
    maxWorkers: 2,
    globalSetup: "test/environment.ts",
    testTimeout: 120_000,
    hookTimeout: 300_000,
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" },
    expect: { poll: { timeout: 15_000 } },
    reporters: ["default", new CountsReporter()],
  },
});
