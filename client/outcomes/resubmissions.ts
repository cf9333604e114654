import { type IndexRange, indexesOf } from "../../lambdas/protocol/index-ranges.ts";
import { resubmissionLink } from "../../lambdas/protocol/resubmission-link.ts";
import { jobKey, resubmittedKey } from "../../lambdas/protocol/rows.ts";
import { taskId } from "../../lambdas/protocol/task-id.ts";
import type { CloudPort } from "../cluster/cloud-port.ts";
import type { JobOutcomes } from "./outcome-store.ts";

/** The task that `client.resubmit` created from a task, and the one that the task itself was created from. */
export interface Resubmissions {
  /** Id of the latest task that was created from this one; undefined if there is none. */
  resubmitted: string | undefined;
  resubmitOf: string | undefined;
}

/** Sort keys of the links from a job to the jobs that run its tasks again. */
const LINKS = { from: "n#", to: "n$" };

type ByTask = (task: number) => Resubmissions;

const underWay = new WeakMap<JobOutcomes, Promise<ByTask>>();

/**
 * Reads how a job's tasks are linked by resubmission. Not cached, because a task may be resubmitted at any time.
 * Concurrent calls, such as those for the metadata of a job's applies, share one read.
 */
export function resubmissionsOf(cloud: Pick<CloudPort, "listRows">, outcomes: JobOutcomes): Promise<ByTask> {
  const known = underWay.get(outcomes);
  if (known) return known;
  const reading = readLinks(cloud, outcomes).finally(() => underWay.delete(outcomes));
  underWay.set(outcomes, reading);
  return reading;
}

async function readLinks(cloud: Pick<CloudPort, "listRows">, { job, header, missing }: JobOutcomes): Promise<ByTask> {
  const isRunning = header === undefined || missing === header.tasks;
  const rows = isRunning ? [] : await cloud.listRows(jobKey(job).pk, LINKS);
  const again = new Map<number, string>();
  for (const row of rows) {
    let at = 0;
    for (const task of indexesOf(resubmissionLink.parse(row).ranges)) again.set(task, taskId(row.sk.slice(2), at++));
  }
  const origins = header?.resubmitOf && (await originsOf(cloud, job, header.resubmitOf));
  return (task) => ({ resubmitted: again.get(task), resubmitOf: origins?.[task] });
}

/** Ids of the tasks that a resubmitted job runs again, in order. */
async function originsOf(
  cloud: Pick<CloudPort, "listRows">,
  job: string,
  { job: from, ranges }: { job: string; ranges?: readonly IndexRange[] | undefined },
): Promise<string[]> {
  const { pk, sk } = resubmittedKey(from, job);
  const [row] = ranges ? [] : await cloud.listRows(pk, { from: sk, to: sk });
  const pieces = ranges ?? (row ? resubmissionLink.parse(row).ranges : []);
  return [...indexesOf(pieces)].map((index) => taskId(from, index));
}
