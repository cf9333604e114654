import { referredName } from "../../lambdas/protocol/reference.ts";
import { checkedFunction } from "../submit/checked-function.ts";
import type { MapInput } from "../submit/submission.ts";
import { itemPath } from "./parallel-function.ts";
import { zipShortest } from "./sequences.ts";

/** A call, as a view sends it. */
export interface NamedCall {
  fn: unknown;
  /** Arguments that precede the caller's. */
  before: readonly unknown[];
}

/**
 * Resolves the function of a call. A Reference to a pushed function becomes a function that can be sent, with the
 * Reference as its first argument.
 */
export function namedCall(fn: unknown): NamedCall {
  if (referredName(fn) === undefined) return { fn, before: [] };
  return { fn: (named: (...args: unknown[]) => unknown, ...args: unknown[]) => named(...args), before: [fn] };
}

/**
 * Resolves the function and the argument lists of a map.
 *
 * @throws TypeError if there is no function, or an input is not a sequence
 */
export function namedMap(fn: unknown, sequences: readonly unknown[]): { fn: unknown; input: MapInput<unknown[]> } {
  const call = namedCall(fn);
  checkedFunction(call.fn);
  const { before } = call;
  const rows = zipShortest(sequences);
  if (before.length === 0) return { fn, input: { rows, pathOf: itemPath } };
  const pathOf = (item: number, position: number) => itemPath(item, position - before.length);
  const all = { length: rows.length, of: (item: number) => [...before, ...rows.of(item)] };
  return { fn: call.fn, input: { rows: all, pathOf } };
}
