import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { CountsReporter } from "../counts-reporter.ts";
import { TableReporter } from "../fidelity/table-reporter.ts";

/** All that is tried on LocalStack, and on what it is put together with: one file after the other. */
export default defineConfig({
  root: fileURLToPath(new URL("../..", import.meta.url)),
  test: {
    include: ["test/contract/localstack*.contract.ts", "test/fidelity/localstack.fidelity.ts"],
    pool: "forks",
    maxWorkers: 1,
    fileParallelism: false,
    expect: { poll: { timeout: 15_000 } },
    reporters: ["verbose", new TableReporter(), new CountsReporter({ mayBeSkipped: true })],
  },
});
