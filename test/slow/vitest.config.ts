import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { CountsReporter } from "../counts-reporter.ts";

/**
 * Full-size versions of tests in `npm test`: larger trees and maps, every high-water mark with every scheme, and
 * schedulers killed at another mark.
 */
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
