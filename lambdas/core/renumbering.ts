import type { DependencyAtRest, ParentRange, WaitGroup } from "../protocol/dependency.ts";
import type { IndexRange } from "../protocol/index-ranges.ts";
import type { ResultReference, TaskArguments } from "../protocol/spec-page.ts";

/** Tasks of one job that run again in another: `ranges`, in order, are its tasks from 0 on. */
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

/** Where the tasks of a resubmission are now, for those that depend on them. */
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

  /** The same tasks in the same order: by their new places those that run again, by their old ones the others. */
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

  /** @param own the job of the depending task, which an empty id names */
  dependency(dependency: DependencyAtRest, own: string): DependencyAtRest {
    return { ...dependency, on: dependency.on.flatMap(([job, from, to]) => this.range([job || own, from, to])) };
  }

  /** Arguments, with the results that they take from where these are now. */
  args(args: TaskArguments): TaskArguments {
    if (typeof args === "string") return args;
    return args.map((arg) => {
      if (typeof arg === "string" || "blob" in arg) return arg;
      return "result" in arg
        ? this.#taken(arg)
        : { ...arg, results: arg.results.map((reference) => this.#taken(reference)) };
    });
  }

  #taken(reference: ResultReference): ResultReference {
    return { ...reference, result: reference.result.flatMap((range) => this.range(range)) };
  }
}

/** What tasks wait for in place of what they waited for at first; absent: the same. */
export interface OtherWaits {
  after?: DependencyAtRest[] | undefined;
  /** null: no location. */
  follow?: DependencyAtRest | null | undefined;
}

/**
 * Wait groups of a new job, whose tasks are those at `indexes` of an old one.
 *
 * @param groupOf the group of an old task
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
  // A result that is taken must be there, whatever else is waited for.
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
