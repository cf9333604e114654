import type { DependencyAtRest, ParentRange, WaitGroup } from "../protocol/dependency.ts";
import { bucketOf } from "../protocol/rows.ts";
import { BUCKET_TASKS } from "../protocol/spec-page.ts";

/**
 * Length of the longest parent range that is indexed task by task. Longer ranges are kept as they are, so that a task
 * that depends on a whole map is not listed under each of the map's tasks.
 */
const LISTED_PARENTS = 64;

/** A bucket of parent tasks. */
export interface ParentBucket {
  job: string;
  bucket: number;
}

/** The wait groups of one job, indexed by task and by parent. Immutable. */
export class WaitGraph {
  readonly job: string;
  /** Sorted by first task. */
  readonly groups: readonly WaitGroup[];
  readonly #children = new Map<number, WaitGroup[]>();
  readonly #wide: { range: ParentRange; group: WaitGroup }[] = [];

  constructor(job: string, groups: readonly WaitGroup[]) {
    this.job = job;
    this.groups = [...groups].sort((a, b) => a.from - b.from);
    for (const group of this.groups)
      for (const range of parentRanges(group)) {
        const [parent, from, to] = range;
        if (parent !== "" && parent !== job) continue;
        if (to - from > LISTED_PARENTS) this.#wide.push({ range, group });
        else
          for (let index = from; index < to; index++) {
            const children = this.#children.get(index) ?? [];
            this.#children.set(index, children);
            if (!children.includes(group)) children.push(group);
          }
      }
  }

  /** Groups of this job that depend on the task of this job at `index`. */
  childrenOf(index: number): readonly WaitGroup[] {
    const children = this.#children.get(index) ?? [];
    const wide = this.#wide.filter(({ range }) => index >= range[1] && index < range[2]).map(({ group }) => group);
    return wide.length === 0 ? children : [...new Set([...children, ...wide])];
  }

  /** The group that a task belongs to; `undefined` if the task waits for nothing. */
  groupOf(index: number): WaitGroup | undefined {
    let low = 0;
    let high = this.groups.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const group = this.groups[middle];
      if (!group) return undefined;
      if (index < group.from) high = middle - 1;
      else if (index >= group.to) low = middle + 1;
      else return group;
    }
    return undefined;
  }
}

function parentRanges(group: WaitGroup): ParentRange[] {
  return [...group.after, ...(group.follow ? [group.follow] : [])].flatMap(({ on }) => on);
}

/** Ids of the jobs on which a group depends, with `own` for the group's own job. */
export function parentJobs(group: WaitGroup, own: string): string[] {
  return [...new Set(parentRanges(group).map(([job]) => job || own))];
}

/**
 * Buckets on which a group depends, last first. The tasks of a map end roughly in order, so the last bucket shows
 * soonest that the group must still wait.
 */
export function parentBuckets(group: WaitGroup, own: string): ParentBucket[] {
  const buckets = new Map<string, ParentBucket>();
  for (const [parent, from, to] of parentRanges(group)) {
    const job = parent || own;
    for (let bucket = bucketOf(from); bucket * BUCKET_TASKS < to; bucket++)
      buckets.set(`${job}#${bucket}`, { job, bucket });
  }
  return [...buckets.values()].sort((a, b) => (a.job === b.job ? b.bucket - a.bucket : a.job < b.job ? 1 : -1));
}

/** The part of a dependency whose parents lie in one bucket. */
export function clippedTo(dependency: DependencyAtRest, own: string, job: string, bucket: number): DependencyAtRest {
  const [first, past] = [bucket * BUCKET_TASKS, (bucket + 1) * BUCKET_TASKS];
  const on: ParentRange[] = [];
  for (const [parent, from, to] of dependency.on) {
    if ((parent || own) !== job || from >= past || to <= first) continue;
    on.push([parent, Math.max(from, first), Math.min(to, past)]);
  }
  return { ...dependency, on };
}
