import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { CountsReporter } from "../counts-reporter.ts";

/**
 * What `npm test` shows by a smaller example, at full size, in files that end in `.slow.ts`: every mark with every scheme, bugs planted in
 * the scheduler, each right of the template taken away, all pages' examples, and the package's tooling.
 */
export default defineConfig({
  root: fileURLToPath(new URL("../..", import.meta.url)),
  test: {
    include: ["test/**/*.slow.ts"],
    exclude: ["**/node_modules/**", "dist/**"],
    pool: "forks",
    maxWorkers: 2,
    globalSetup: "test/one-temp-folder.ts",
    testTimeout: 120_000,
    hookTimeout: 300_000,
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" },
    expect: { poll: { timeout: 15_000 } },
    reporters: ["default", new CountsReporter()],
  },
});
