import { InvalidArgument } from "../../lambdas/protocol/invalid-argument.ts";
import { chunkBounds } from "../../lambdas/protocol/spec-page.ts";
import type { Flags } from "../flags/flags.ts";
import type { AsyncResult } from "../results/async-result.ts";
import { typedValue } from "../results/typed-value.ts";
import { listsOf } from "../submit/argument-lists.ts";
import { checkedFunction } from "../submit/checked-function.ts";
import { type MapInput, submitMap } from "../submit/submission.ts";
import type { ItemsOf } from "./given.ts";
import { checkSequence, noSequence, withItems, zipShortest } from "./sequences.ts";
import type { ViewPorts } from "./view-ports.ts";

type Element<Sequence> = Sequence extends readonly (infer Item)[] ? Item : never;

/**
 * The joined results of a parallel function's pieces: lists are concatenated, other values become the items of a list.
 */
export type Joined<R> = R extends readonly (infer Item)[] ? Item[] : R[];

/** A function that runs in parallel on pieces of its arguments. Made by `view.parallel`. */
export interface ParallelFunction<A extends readonly (readonly unknown[])[], R> {
  /**
   * Divides sequences of equal length into pieces of at most `chunkSize` items, calls the function on each piece, and
   * joins the results.
   */
  (...sequences: { [K in keyof A]: ItemsOf<Element<A[K]>> }): AsyncResult<Joined<Awaited<R>>>;
  /** Calls the function on each element rather than on pieces, like `view.map`. */
  map(...sequences: { [K in keyof A]: ItemsOf<A[K]> }): AsyncResult<Awaited<R>[]>;
}

/** @see ParallelFunction */
export function parallelFunction<A extends readonly (readonly unknown[])[], R>(
  ports: ViewPorts,
  given: unknown,
  flags: Flags,
): ParallelFunction<A, R> {
  const fn = checkedFunction(given);
  const onPieces = (...sequences: readonly unknown[]) => {
    const lists = sequences.map((given, at) => {
      const sequence = withItems(given, "parallel", at);
      checkSequence(sequence, "parallel", at);
      return [...sequence];
    });
    const length = lists[0]?.length ?? 0;
    const lengths = lists.map((list) => list.length);
    if (lists.length === 0) throw noSequence("parallel");
    if (lengths.some((other) => other !== length)) {
      throw new InvalidArgument(
        `parallel: the sequences have ${lengths.join(", ")} items: pass sequences of equal length`,
      );
    }
    const pieces = Math.ceil(length / (flags.chunkSize ?? 1));
    const bounds = Array.from({ length: pieces }, (_, piece) => chunkBounds(length, pieces, piece));
    const rows = bounds.map(({ from, to }) => lists.map((list) => list.slice(from, to)));
    const pathOf = (piece: number, position: number) => `args[${position}].slice(${bounds[piece]?.from})`;
    const input: MapInput<Joined<Awaited<R>>> = { rows: listsOf(rows), pathOf, finish: join };
    return ports.results.of(submitMap(ports, fn, input, { ...flags, chunkSize: 1 }));
  };
  const onElements = (...sequences: readonly unknown[]) =>
    ports.results.of(submitMap<Awaited<R>[]>(ports, fn, { rows: zipShortest(sequences), pathOf: itemPath }, flags));
  const made: ParallelFunction<A, R> = Object.assign(onPieces, { map: onElements });
  Object.defineProperty(made, "name", { value: fn.name });
  return made;
}

/** Path of an item within a call's arguments, for messages: each argument is a sequence. */
export function itemPath(item: number, position: number): string {
  return `args[${position}][${item}]`;
}

function join<R>(parts: unknown[]): Joined<R> {
  return typedValue(parts.every(Array.isArray) ? parts.flat() : parts);
}
