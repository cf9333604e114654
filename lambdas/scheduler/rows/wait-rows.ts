import { parentBuckets, WaitGraph } from "../../core/wait-graph.ts";
import type { WaitGroup } from "../../protocol/dependency.ts";
import type { JobHeader } from "../../protocol/job-header.ts";
import { KEY_ONLY } from "../../protocol/row-body.ts";
import { edgeKey, fallenKey, type Row, type RowKey, waitPageKey } from "../../protocol/rows.ts";
import { encodeWaitPage, parseWaitPage } from "../../protocol/wait-page.ts";
import type { JobAccess } from "./row-access.ts";

/** Maximum size of the groups in one row, in characters. */
const PAGE_CHARS = 200_000;

/** Whether tasks of the job may wait for others. */
export function hasWaits(header: Pick<JobHeader, "free">): boolean {
  return header.free !== undefined;
}

/** Number of tasks that are claimed from the job's cursor. The others wait until they are released. */
export function freeTasks(header: Pick<JobHeader, "free" | "tasks">): number {
  return header.free ?? header.tasks;
}

/** Makes rows that hold wait groups. */
export function waitRows(job: string, groups: readonly WaitGroup[]): Row[] {
  const rows: Row[] = [];
  let page: string[] = [];
  let first = 0;
  let chars = 0;
  const close = () => {
    if (page.length > 0) rows.push({ ...waitPageKey(job, first), body: encodeWaitPage(page) });
    page = [];
    chars = 0;
  };
  for (const group of groups) {
    const text = JSON.stringify(group);
    if (chars + text.length > PAGE_CHARS) close();
    if (page.length === 0) first = group.from;
    page.push(text);
    chars += text.length + 1;
  }
  close();
  return rows;
}

/** Returns the wait groups of an open job, from memory or else by a read. They never change. */
export async function waitGraph(cluster: JobAccess, job: string): Promise<WaitGraph> {
  const known = cluster.memory.jobs.graphs.get(job);
  if (known) return known;
  const rows = await cluster.store.list(`job#${job}`, { from: "w#", to: "w$" });
  const graph = new WaitGraph(job, rows.flatMap(parseWaitPage));
  cluster.memory.jobs.graphs.set(job, graph);
  return graph;
}

/** Keys of a wait group's edges: rows that lead to the group from the jobs on which it depends. */
export function edgeKeys(job: string, group: WaitGroup): RowKey[] {
  return parentBuckets(group, job)
    .filter((parent) => parent.job !== job)
    .map((parent) => edgeKey(parent.job, parent.bucket, job, group.from));
}

/**
 * Makes rows that record the edges of a wait group that cannot run, so that a resubmission of its parents can include
 * the group.
 */
export function fallenRows(job: string, group: WaitGroup): Row[] {
  return parentBuckets(group, job)
    .filter((parent) => parent.job !== job)
    .map((parent) => ({
      ...fallenKey(parent.job, parent.bucket, job, group.from),
      body: KEY_ONLY,
    }));
}

/** The job and the first task of the group that an edge leads to. */
export function edgeTarget({ sk }: Row): { job: string; from: number } {
  const [job = "", from] = sk.split("#");
  return { job, from: Number(from) };
}
