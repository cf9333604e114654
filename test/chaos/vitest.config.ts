import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { CountsReporter } from "../counts-reporter.ts";

/** Short chaos runs with fixed seeds, one after another because each uses the whole machine. */
export default defineConfig({
  root: fileURLToPath(new URL("../..", import.meta.url)),
  test: {
    include: ["test/chaos/*.chaos.ts"],
    pool: "forks",
    maxWorkers: 1,
    fileParallelism: false,
    globalSetup: "test/environment.ts",
    testTimeout: 600_000,
    hookTimeout: 300_000,
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" },
    reporters: ["verbose", new CountsReporter({ mayBeSkipped: true })],
  },
});
