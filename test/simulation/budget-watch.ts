import type { Claimed } from "../../lambdas/adapters/store.ts";
import { leaseIndexRanges, sliceRanges } from "../../lambdas/core/lease.ts";
import { type QueueEntry, requeuedName } from "../../lambdas/core/queue-entry.ts";
import { isOverBudget } from "../../lambdas/protocol/budget.ts";
import { type IndexRange, indexesOf } from "../../lambdas/protocol/index-ranges.ts";
import { jobKey, type Row, type RowKey } from "../../lambdas/protocol/rows.ts";
import { headerOf } from "../../lambdas/scheduler/rows/job-row.ts";
import type { Start } from "./simulated-engine.ts";

/**
 * Records a violation if a task starts that was claimed when the spending in its job's row had reached the budget. The
 * claim itself may have added the spending that reached it.
 */
export class BudgetWatch {
  readonly #tables: { peek(key: RowKey): Row | undefined };
  readonly #queueEntries: () => QueueEntry[];
  readonly #tooLate = new Set<string>();
  readonly violations: string[];

  constructor(tables: { peek(key: RowKey): Row | undefined }, queueEntries: () => QueueEntry[], violations: string[]) {
    this.#tables = tables;
    this.#queueEntries = queueEntries;
    this.violations = violations;
  }

  /** Notes the tasks of a claim that must not start. */
  claimed({ pk, sk }: RowKey, { from, taken }: Claimed): void {
    const job = pk.split("#")[1] ?? "";
    const row = this.#tables.peek(jobKey(job));
    const budget = row && headerOf(row).flags.budgetUsd;
    if (!row || !budget || !isOverBudget(row.spent ?? 0, budget)) return;
    const past = from + taken;
    const ranges: readonly IndexRange[] = sk === "job" ? [[from, past]] : this.#requeuedRanges(job, sk, from, past);
    for (const index of indexesOf(ranges)) this.#tooLate.add(`${job}.${index}`);
  }

  /** The tasks at these positions of a requeued batch; empty if its queue entry is gone. */
  #requeuedRanges(job: string, sk: string, from: number, past: number): IndexRange[] {
    const entry = this.#queueEntries().find(
      (one) => one.job === job && one.requeued && sk === `r#${requeuedName(one.requeued)}`,
    );
    return entry?.requeued ? leaseIndexRanges({ ranges: sliceRanges(entry.requeued.ranges, from, past) }) : [];
  }

  started({ job, index, engine }: Start): void {
    if (this.#tooLate.has(`${job}.${index}`))
      this.violations.push(`engine ${engine} started ${job.slice(-3)}.${index}, claimed after its budget was spent`);
  }
}
