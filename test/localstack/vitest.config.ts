import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { CountsReporter } from "../counts-reporter.ts";
import { TableReporter } from "../fidelity/table-reporter.ts";

/** Everything tested on LocalStack, and on the parts of its image: one file after the other. */
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
