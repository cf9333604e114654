import type { DependencyAtRest, ParentRange, WaitGroup } from "../protocol/dependency.ts";
import { bucketOf } from "../protocol/rows.ts";
import { BUCKET_TASKS } from "../protocol/spec-page.ts";

/** A parent range longer than this is kept as a range: a task after a whole map must not be listed under each of its tasks. */
const LISTED_PARENTS = 64;

/** A bucket of a job on which a group depends. */
export interface ParentBucket {
  job: string;
  bucket: number;
}

/** The wait groups of one job, found by task and by parent. Never changes. */
export class WaitGraph {
  readonly job: string;
  /** By first task. */
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

  /** Groups of this job that depend on one of its tasks. */
  childrenOf(index: number): readonly WaitGroup[] {
    const children = this.#children.get(index) ?? [];
    const wide = this.#wide.filter(({ range }) => index >= range[1] && index < range[2]).map(({ group }) => group);
    return wide.length === 0 ? children : [...new Set([...children, ...wide])];
  }

  /** The group that holds a task. */
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

/** Jobs on which a group depends, its own named. */
export function parentJobs(group: WaitGroup, own: string): string[] {
  return [...new Set(parentRanges(group).map(([job]) => job || own))];
}

/** Buckets on which a group depends, last first: of a map they are whole in their order, so the last tells soonest that it still waits. */
export function parentBuckets(group: WaitGroup, own: string): ParentBucket[] {
  const buckets = new Map<string, ParentBucket>();
  for (const [parent, from, to] of parentRanges(group)) {
    const job = parent || own;
    for (let bucket = bucketOf(from); bucket * BUCKET_TASKS < to; bucket++)
      buckets.set(`${job}#${bucket}`, { job, bucket });
  }
  return [...buckets.values()].sort((a, b) => (a.job === b.job ? b.bucket - a.bucket : a.job < b.job ? 1 : -1));
}

/** The part of a dependency that looks on one bucket. */
export function clippedTo(dependency: DependencyAtRest, own: string, job: string, bucket: number): DependencyAtRest {
  const [first, past] = [bucket * BUCKET_TASKS, (bucket + 1) * BUCKET_TASKS];
  const on: ParentRange[] = [];
  for (const [parent, from, to] of dependency.on) {
    if ((parent || own) !== job || from >= past || to <= first) continue;
    on.push([parent, Math.max(from, first), Math.min(to, past)]);
  }
  return { ...dependency, on };
}
