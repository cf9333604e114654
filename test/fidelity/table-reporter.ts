import type { Reporter, TestModule } from "vitest/node";
import type { FidelityTarget } from "./fidelity-cloud.ts";
import { type Cells, fidelityTable } from "./fidelity-table.ts";

declare module "vitest" {
  interface TaskMeta {
    /** The behaviour that a probe observed. */
    cell?: { column: FidelityTarget["column"]; row: string; text: string };
  }
}

/** Ends the run with the table: observed cells, and expected ones for all others. */
export class TableReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const observed: Cells = {};
    for (const module of modules)
      for (const test of module.children.allTests()) {
        const { cell } = test.meta();
        if (!cell) continue;
        observed[cell.column] = { ...observed[cell.column], [cell.row]: cell.text };
      }
    process.stdout.write(`\n${fidelityTable(observed)}\n`);
  }
}
