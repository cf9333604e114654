import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { CountsReporter } from "../counts-reporter.ts";

/** Tests that use third-party programs, above all clouds: one file each, named on the command line. */
export default defineConfig({
  root: fileURLToPath(new URL("../..", import.meta.url)),
  test: {
    include: ["test/*/*.contract.ts"],
    exclude: ["**/node_modules/**", "dist/**"],
    pool: "forks",
    maxWorkers: 1,
    expect: { poll: { timeout: 15_000 } },
    reporters: ["verbose", new CountsReporter({ mayBeSkipped: true })],
  },
});
