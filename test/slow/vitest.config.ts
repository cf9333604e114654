import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { CountsReporter } from "../counts-reporter.ts";

/** What `npm test` shows by a smaller example, at full size: larger trees and maps, every mark with every scheme, and schedulers killed with another mark. */
export default defineConfig({
  root: fileURLToPath(new URL("../..", import.meta.url)),
  test: {
    include: ["test/slow/*.slow.ts"],
    exclude: ["**/node_modules/**", "dist/**"],
    pool: "forks",
    maxWorkers: 2,
    globalSetup: "test/one-temp-folder.ts",
    testTimeout: 120_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 15_000 } },
    reporters: ["default", new CountsReporter()],
  },
});
