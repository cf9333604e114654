import { isDeployed } from "../../lambdas/protocol/function-reference.ts";
import type { JobHeader } from "../../lambdas/protocol/job-header.ts";
import { bucketOf, specPageKey } from "../../lambdas/protocol/rows.ts";
import { BUCKET_TASKS } from "../../lambdas/protocol/spec-page.ts";
import { specPageRow } from "../../lambdas/protocol/spec-page-row.ts";
import type { CloudPort } from "../cluster/cloud-port.ts";
import type { JobOutcomes } from "./outcome-store.ts";

/**
 * Reads the names of the functions that a job's tasks run: from one row for a map, otherwise from one row per hundred
 * tasks. Resolves to a function that returns the name for the task at an index, or `undefined` if its row was purged, or
 * was never stored.
 */
export async function functionNames(
  cloud: Pick<CloudPort, "listRows">,
  { job, header, isWithdrawn }: JobOutcomes,
): Promise<(task: number) => string | undefined> {
  if (header === undefined || isWithdrawn) return () => undefined;
  if (header.shape === "map") {
    const [name] = await namesFrom(cloud, job, 0, 1);
    return () => name;
  }
  const buckets = Array.from({ length: bucketOf(header.tasks - 1) + 1 }, (_, bucket) => bucket * BUCKET_TASKS);
  const names = (await Promise.all(buckets.map((first) => namesFrom(cloud, job, first, pagesIn(header))))).flat();
  return (task) => names[task];
}

/** Reads the name of the function that a job's first task runs; `undefined` if it has none, or its row was purged. */
export async function firstFunctionName(cloud: Pick<CloudPort, "listRows">, job: string): Promise<string | undefined> {
  const [name] = await namesFrom(cloud, job, 0, 1);
  return name || undefined;
}

function pagesIn({ pageTasks }: JobHeader): number {
  return Math.ceil(BUCKET_TASKS / pageTasks);
}

/** Reads the spec pages of one bucket from the task `first` on. Returns names by their tasks' distance from `first`. */
async function namesFrom(
  cloud: Pick<CloudPort, "listRows">,
  job: string,
  first: number,
  pages: number,
): Promise<(string | undefined)[]> {
  const { pk, sk } = specPageKey(job, first);
  const rows = await cloud.listRows(pk, { from: sk, to: "s$" }, pages);
  const names: (string | undefined)[] = new Array(BUCKET_TASKS);
  for (const row of rows) {
    const { functions, tasks } = specPageRow.parse(row);
    const begin = Number(row.sk.slice(2)) - first;
    for (const [at, [place]] of tasks.entries()) {
      const reference = functions[place];
      names[begin + at] = reference && (isDeployed(reference) ? reference.deployed : reference.name);
    }
  }
  return names;
}
