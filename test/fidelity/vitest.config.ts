import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { CountsReporter } from "../counts-reporter.ts";
import { TableReporter } from "./table-reporter.ts";

/** Behaviour of each cloud at AWS's limits: one file each. LocalStack's file runs with the other LocalStack tests. */
export default defineConfig({
  root: fileURLToPath(new URL("../..", import.meta.url)),
  test: {
    include: ["test/fidelity/*.fidelity.ts"],
    exclude: ["**/node_modules/**", "dist/**", "test/fidelity/localstack.fidelity.ts"],
    pool: "forks",
    maxWorkers: 1,
    expect: { poll: { timeout: 15_000 } },
    reporters: ["verbose", new TableReporter(), new CountsReporter({ mayBeSkipped: true })],
  },
});
