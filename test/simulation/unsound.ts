import { DUE_PARTITION, type Row } from "../../lambdas/protocol/rows.ts";
import { headerOf } from "../../lambdas/scheduler/rows/job-row.ts";
import { doubledRefusals, leftOver, oddOutcomes } from "./invariants.ts";
import { type Partitions, TablesView } from "./tables-view.ts";

/**
 * Returns what is wrong with the rows of a cluster at rest, by the invariants of the simulation: nothing may be left
 * over, and each task must have exactly one outcome.
 *
 * @param now epoch milliseconds; rows that are due later may wait
 */
export function unsound(partitions: Partitions, now: number): string[] {
  const view = new TablesView(partitions);
  const jobs = [...partitions.values()]
    .flatMap((rows) => rows.get("job") ?? [])
    .filter(isWhole)
    .map(headerOf);
  const keys = (pk: string) => view.keys(pk).filter((key) => pk !== DUE_PARTITION || Number(key.split("#")[0]) <= now);
  return [
    ...leftOver({ engines: () => view.engines(), queueEntries: () => view.queueEntries(), keys }),
    ...jobs.flatMap((header) => [...oddOutcomes(view, header), ...doubledRefusals(view, header)]),
  ];
}

/** Whether no task of a job, and so no outcome, was purged. */
function isWhole({ state, purged = [] }: Row): boolean {
  return state !== "purging" && purged.length === 0;
}
