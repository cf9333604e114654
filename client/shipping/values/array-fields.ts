import { isIndex, mayHaveNamedFields } from "../../../lambdas/protocol/named-fields.ts";

/** The keys of an array or typed array that are no items; an array's `length` left out. Costs what these are, not what it holds. */
export function namedKeys(list: ArrayLike<unknown> & object): PropertyKey[] {
  if (!mayHaveNamedFields(list)) return [];
  const isArray = Array.isArray(list);
  return Reflect.ownKeys(list).filter(
    (key) => typeof key === "symbol" || !(isIndex(key) || (isArray && key === "length")),
  );
}

/** The keys under which an array holds something, in their order; all of them where it has no holes. */
export function* heldIndexes(list: readonly unknown[]): Generator<number> {
  for (let at = 0; at < list.length; at++) {
    if (at in list) yield at;
    else {
      // With holes, what it holds is listed: its length may be in the billions.
      for (const key of Object.keys(list)) if (isIndex(key) && Number(key) > at) yield Number(key);
      return;
    }
  }
}
