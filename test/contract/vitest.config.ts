import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { CountsReporter } from "../counts-reporter.ts";

/** The contract on clouds that are not this project's own: one file each, named on the command line. */
export default defineConfig({
  root: fileURLToPath(new URL("../..", import.meta.url)),
  test: {
    include: ["test/contract/*.contract.ts"],
    exclude: ["**/node_modules/**", "dist/**"],
    pool: "forks",
    maxWorkers: 1,
    reporters: ["verbose", new CountsReporter({ mayBeSkipped: true })],
  },
});
