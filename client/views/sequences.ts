import { InvalidArgument } from "../../lambdas/protocol/invalid-argument.ts";
import { AnyResult, KNOWN } from "../flags/any-result.ts";
import { isAsyncIterable, isIterable } from "../flags/iterables.ts";
import { type ArgumentLists, listsOf } from "../submit/argument-lists.ts";

/**
 * Builds the argument lists of a map: each takes one item of every sequence, until the shortest ends. Sequences may be
 * endless as long as one is not.
 *
 * @throws TypeError if there is no sequence, or one is not iterable
 */
export function zipShortest(sequences: readonly unknown[]): ArgumentLists {
  if (sequences.length === 0) throw noSequence("map");
  const known = sequences.map((sequence, at) => withItems(sequence, "map", at));
  const lists = known.map((sequence, at) => {
    checkSequence(sequence, "map", at);
    return sequence;
  });
  const [only, second] = lists;
  if (only && !second) {
    const items = Array.from(only);
    return { length: items.length, of: (item) => [items[item]] };
  }
  const iterators = lists.map((sequence) => sequence[Symbol.iterator]());
  const rows: unknown[][] = [];
  try {
    for (;;) {
      const row: unknown[] = [];
      for (const iterator of iterators) {
        const { done, value } = iterator.next();
        if (done) return listsOf(rows);
        row.push(value);
      }
      rows.push(row);
    }
  } finally {
    for (const iterator of iterators) iterator.return?.();
  }
}

/** The error of a call without a sequence. */
export function noSequence(call: string): TypeError {
  return new InvalidArgument(`${call} needs at least one sequence`);
}

/**
 * Checks that an argument of a call is a synchronous sequence.
 *
 * @throws TypeError for a value that is not iterable, or only asynchronously
 */
export function checkSequence(sequence: unknown, call: string, at: number): asserts sequence is Iterable<unknown> {
  if (!isIterable(sequence)) throw new InvalidArgument(`${call}: args[${at}] is not iterable${advice(sequence)}`);
}

/**
 * Replaces a map's result by the list of its items, as references to their values. Returns anything else unchanged.
 *
 * @throws TypeError for a result whose number of items is unknown
 */
export function withItems(sequence: unknown, call: string, at: number): unknown {
  if (!(sequence instanceof AnyResult)) return sequence;
  const { items } = sequence[KNOWN];
  if (items) return items;
  throw new InvalidArgument(
    `${call}: args[${at}] is a result whose number of items is not known yet: await the result first, or its info() if it was made from an id`,
  );
}

function advice(sequence: unknown): string {
  return isAsyncIterable(sequence) ? ": it is asynchronous; use imap, or collect it into an array first" : "";
}
