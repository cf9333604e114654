import { isIndex, mayHaveNamedFields } from "../../../lambdas/protocol/named-fields.ts";

/**
 * Returns the keys of an array or typed array that are not items, without an array's `length`. If there are no such
 * keys, the cost hardly depends on the number of items.
 */
export function namedKeys(list: ArrayLike<unknown> & object): PropertyKey[] {
  if (!mayHaveNamedFields(list)) return [];
  const isArray = Array.isArray(list);
  return Reflect.ownKeys(list).filter(
    (key) => typeof key === "symbol" || !(isIndex(key) || (isArray && key === "length")),
  );
}

/** Yields the indexes of an array that hold an item, in order. Holes are skipped. */
export function* heldIndexes(list: readonly unknown[]): Generator<number> {
  for (let at = 0; at < list.length; at++) {
    if (at in list) yield at;
    else {
      // The array has holes: list its keys, since its length may be in the billions.
      for (const key of Object.keys(list)) if (isIndex(key) && Number(key) > at) yield Number(key);
      return;
    }
  }
}
