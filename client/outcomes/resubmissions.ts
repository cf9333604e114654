import { type IndexRange, indexesOf } from "../../lambdas/protocol/index-ranges.ts";
import { resubmissionLink } from "../../lambdas/protocol/resubmission-link.ts";
import { jobKey, resubmittedKey } from "../../lambdas/protocol/rows.ts";
import { taskId } from "../../lambdas/protocol/task-id.ts";
import type { CloudPort } from "../cluster/cloud-port.ts";
import type { JobOutcomes } from "./outcome-store.ts";

/** What was made of a task by `client.resubmit`, and what it was made of. */
export interface Resubmissions {
  /** Id of the last task that runs it again. */
  resubmitted: string | undefined;
  resubmitOf: string | undefined;
}

/** Where the links to jobs that run tasks again lie in a job's partition. */
const LINKS = { from: "n#", to: "n$" };

type ByTask = (task: number) => Resubmissions;

const underWay = new WeakMap<JobOutcomes, Promise<ByTask>>();

/**
 * How a job's tasks are linked by resubmission. Read anew each time, as a task may be resubmitted on any day; who asks
 * while a read is under way, as for the metadata of each of a job's applies, shares it.
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
