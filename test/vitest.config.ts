import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { CountsReporter } from "./counts-reporter.ts";
import { SlowFirst } from "./slow-first.ts";

export default defineConfig({
  root: fileURLToPath(new URL("..", import.meta.url)),
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["**/node_modules/**", "dist/**"],
    pool: "forks",
    // Clusters bring processes of their own, and wait for each other half of the time.
    maxWorkers: 3,
    sequence: { sequencer: SlowFirst },
    globalSetup: "test/one-temp-folder.ts",
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // What is waited for comes, but a busy machine takes its time.
    expect: { poll: { timeout: 15_000 } },
    reporters: ["default", new CountsReporter()],
  },
});
