import pLimit from "p-limit";
import { specPageKey } from "../../lambdas/protocol/rows.ts";
import type { TaskArguments } from "../../lambdas/protocol/spec-page.ts";
import { specPageRow } from "../../lambdas/protocol/spec-page-row.ts";
import type { CloudPort } from "../cluster/cloud-port.ts";
import type { JobOutcomes } from "./outcome-store.ts";

/** Number of rows that are read concurrently. */
const CONCURRENT_READS = 8;

/**
 * Returns the encoded arguments of some tasks of a job, from this process's memory or the job's rows. A row holds the
 * arguments of up to a hundred tasks. Tasks whose rows were purged are left out.
 */
export async function readArguments(
  cloud: Pick<CloudPort, "listRows">,
  outcomes: JobOutcomes,
  tasks: readonly number[],
): Promise<Map<number, TaskArguments>> {
  const found = new Map<number, TaskArguments>();
  const unknown = new Map<number, number[]>();
  const { pageTasks = 1 } = outcomes.header ?? {};
  for (const task of tasks) {
    const kept = outcomes.args.of(task);
    const first = task - (task % pageTasks);
    if (kept !== undefined) found.set(task, kept);
    else unknown.set(first, [...(unknown.get(first) ?? []), task]);
  }
  if (outcomes.isWithdrawn) return found;
  const limit = pLimit(CONCURRENT_READS);
  const read = async ([first, own]: [number, number[]]) => {
    const { pk, sk } = specPageKey(outcomes.job, first);
    const [row] = await cloud.listRows(pk, { from: sk, to: sk }, 1);
    const specs = row ? specPageRow.parse(row).tasks : [];
    for (const task of own) {
      const spec = specs[task - first];
      if (spec) found.set(task, spec[1]);
    }
  };
  await Promise.all([...unknown].map((one) => limit(read, one)));
  return found;
}
