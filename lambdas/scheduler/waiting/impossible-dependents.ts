import type { WaitGroup } from "../../protocol/dependency.ts";
import { type IndexRange, indexesOf } from "../../protocol/index-ranges.ts";
import { bucketOf, fallenPartition } from "../../protocol/rows.ts";
import { eachOutcome } from "../rows/finished-tasks.ts";
import { jobHeader } from "../rows/job-row.ts";
import type { JobAccess } from "../rows/row-access.ts";
import { edgeTarget, hasWaits, waitGraph } from "../rows/wait-rows.ts";

/** Task indexes by job. */
export type TaskSets = Map<string, Set<number>>;

/**
 * The tasks that ended as ImpossibleDependency because of the given tasks or of each other, however many jobs away. Not
 * included are tasks that no engine could run, and those that depended on tasks that do not exist.
 */
export async function impossibleDependents(
  cluster: JobAccess,
  start: readonly { job: string; ranges: readonly IndexRange[] }[],
): Promise<TaskSets> {
  const seen: TaskSets = new Map();
  const found: TaskSets = new Map();
  let frontier: TaskSets = new Map();
  for (const { job, ranges } of start) for (const index of indexesOf(ranges)) add(frontier, job, index);
  while (frontier.size > 0) {
    for (const [job, indexes] of frontier) for (const index of indexes) add(seen, job, index);
    const next: TaskSets = new Map();
    for (const [job, indexes] of await dependentsOf(cluster, frontier)) {
      const fresh = new Set([...indexes].filter((index) => !seen.get(job)?.has(index)));
      await eachOutcome(cluster, job, fresh, ({ index, error }) => {
        if (error?.code !== "ImpossibleDependency" || error.dependency === undefined) return;
        add(next, job, index);
        add(found, job, index);
      });
    }
    frontier = next;
  }
  return found;
}

async function dependentsOf(cluster: JobAccess, parents: TaskSets): Promise<TaskSets> {
  const dependents: TaskSets = new Map();
  const addGroup = (job: string, { from, to }: WaitGroup) => {
    for (let index = from; index < to; index++) add(dependents, job, index);
  };
  for (const [job, indexes] of parents) {
    const header = await jobHeader(cluster, job);
    if (header && hasWaits(header)) {
      const graph = await waitGraph(cluster, job);
      for (const index of indexes) for (const group of graph.childrenOf(index)) addGroup(job, group);
    }
    for (const bucket of new Set([...indexes].map(bucketOf)))
      for (const edge of await cluster.store.list(fallenPartition(job, bucket))) {
        const target = edgeTarget(edge);
        if (!(await jobHeader(cluster, target.job))) continue;
        const group = (await waitGraph(cluster, target.job)).groupOf(target.from);
        if (group && dependsOn(group, job, indexes)) addGroup(target.job, group);
      }
  }
  return dependents;
}

/** Whether a group of another job depends on one of these tasks. */
function dependsOn(group: WaitGroup, job: string, indexes: ReadonlySet<number>): boolean {
  for (const { on } of [...group.after, ...(group.follow ? [group.follow] : [])])
    for (const [parent, from, to] of on)
      if (parent === job) for (const index of indexes) if (index >= from && index < to) return true;
  return false;
}

function add(sets: TaskSets, job: string, index: number): void {
  const set = sets.get(job);
  if (set) set.add(index);
  else sets.set(job, new Set([index]));
}
