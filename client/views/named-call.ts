import { referredName } from "../../lambdas/protocol/reference.ts";
import { checkedFunction } from "../submit/checked-function.ts";
import type { MapInput } from "../submit/submission.ts";
import { itemPath } from "./parallel-function.ts";
import { zipShortest } from "./sequences.ts";

/** A function and its arguments, as a view is to send them. */
export interface NamedCall {
  fn: unknown;
  /** What comes before the caller's arguments. */
  before: readonly unknown[];
}

/** A function that was pushed under a name is called by one that can be sent, with the name as its first argument. */
export function namedCall(fn: unknown): NamedCall {
  if (referredName(fn) === undefined) return { fn, before: [] };
  return { fn: (named: (...args: unknown[]) => unknown, ...args: unknown[]) => named(...args), before: [fn] };
}

/**
 * A map's function and rows, as a view is to send them.
 *
 * @throws TypeError when there is no function, or a sequence is none
 */
export function namedMap(fn: unknown, sequences: readonly unknown[]): { fn: unknown; input: MapInput<unknown[]> } {
  const call = namedCall(fn);
  checkedFunction(call.fn);
  const { before } = call;
  const rows = zipShortest(sequences);
  if (before.length === 0) return { fn, input: { rows, pathOf: itemPath } };
  const pathOf = (item: number, position: number) => itemPath(item, position - before.length);
  return { fn: call.fn, input: { rows: rows.map((row) => [...before, ...row]), pathOf } };
}
