import type { DependencyAtRest, ParentRange, WaitGroup } from "../protocol/dependency.ts";
import type { IndexRange } from "../protocol/index-ranges.ts";
import type { ResultReference, TaskArguments } from "../protocol/spec-page.ts";
import { isStored } from "../protocol/stored-value.ts";

/**
 * Tasks of one job that run again as another job: the tasks in `ranges`, in order, become tasks 0, 1 and so on of the
 * new job.
 */
export interface Renewed {
  from: string;
  id: string;
  ranges: readonly IndexRange[];
}

interface Piece {
  from: number;
  to: number;
  id: string;
  at: number;
}

/** Maps the tasks of a resubmission to their new indexes, for tasks that depend on them. */
export class Renumbering {
  readonly #pieces = new Map<string, Piece[]>();

  constructor(renewed: readonly Renewed[]) {
    for (const { from: job, id, ranges } of renewed) {
      const pieces = this.#pieces.get(job) ?? [];
      this.#pieces.set(job, pieces);
      let at = 0;
      for (const [from, to] of ranges) {
        pieces.push({ from, to, id, at });
        at += to - from;
      }
    }
    for (const pieces of this.#pieces.values()) pieces.sort((a, b) => a.from - b.from);
  }

  /** The tasks of the range, in the same order: resubmitted tasks by their new indexes, the others by their old ones. */
  range([job, from, to]: ParentRange): ParentRange[] {
    const ranges: ParentRange[] = [];
    let next = from;
    for (const piece of this.#pieces.get(job) ?? []) {
      const [start, end] = [Math.max(next, piece.from), Math.min(to, piece.to)];
      if (start >= end) continue;
      if (start > next) ranges.push([job, next, start]);
      ranges.push([piece.id, piece.at + start - piece.from, piece.at + end - piece.from]);
      next = end;
    }
    if (next < to) ranges.push([job, next, to]);
    return ranges;
  }

  /**
   * The dependency with its parents renumbered.
   *
   * @param own id of the dependent task's job; dependencies store it as an empty id
   */
  dependency(dependency: DependencyAtRest, own: string): DependencyAtRest {
    return { ...dependency, on: dependency.on.flatMap(([job, from, to]) => this.range([job || own, from, to])) };
  }

  /** The arguments, with references to other tasks' results renumbered. */
  args(args: TaskArguments): TaskArguments {
    if (typeof args === "string" || isStored(args)) return args;
    return args.map((arg) => {
      if (typeof arg === "string" || isStored(arg)) return arg;
      return "result" in arg
        ? this.#taken(arg)
        : { ...arg, results: arg.results.map((reference) => this.#taken(reference)) };
    });
  }

  #taken(reference: ResultReference): ResultReference {
    return { ...reference, result: reference.result.flatMap((range) => this.range(range)) };
  }
}

/** Dependencies that replace the original ones; absent: unchanged. */
export interface OtherWaits {
  after?: DependencyAtRest[] | undefined;
  /** `null`: no `follow`. */
  follow?: DependencyAtRest | null | undefined;
}

/**
 * The wait groups of a new job whose tasks are those at `indexes` of an old one.
 *
 * @param groupOf finds the wait group of an old task
 */
export function renewedWaits(
  own: string,
  indexes: readonly number[],
  groupOf: (index: number) => WaitGroup | undefined,
  renumbering: Renumbering,
  others: OtherWaits,
): WaitGroup[] {
  const groups: WaitGroup[] = [];
  let last: WaitGroup | undefined;
  for (const [at, index] of indexes.entries()) {
    const old = groupOf(index);
    const group = groups.at(-1);
    if (group && group.to === at && old === last) {
      group.to++;
      continue;
    }
    last = old;
    const made = renewedGroup(at, own, old, renumbering, others);
    if (made.after.length > 0 || made.follow || made.invalid !== undefined) groups.push(made);
  }
  return groups;
}

function renewedGroup(
  at: number,
  own: string,
  old: WaitGroup | undefined,
  renumbering: Renumbering,
  others: OtherWaits,
): WaitGroup {
  const kept = (old?.after ?? []).map((dependency) => renumbering.dependency(dependency, own));
  // A task that takes a result as an argument must still wait for it.
  const after = others.after ? [...others.after, ...(old?.takes ? kept : [])] : kept;
  const oldFollow = old?.follow && renumbering.dependency(old.follow, own);
  const follow = others.follow === undefined ? oldFollow : (others.follow ?? undefined);
  return {
    ...{ from: at, to: at + 1, after },
    ...(follow ? { follow } : {}),
    ...(old?.takes ? { takes: true } : {}),
    ...(old?.invalid !== undefined && !others.after ? { invalid: old.invalid } : {}),
  };
}
