import { inspect } from "node:util";

/** Longest list whose keys are counted: with more it takes longer than asking Node, which does not list the items. */
const COUNTED_ITEMS = 16;

/** How Node shows a list of which it is to show no item, if it has no fields beside them. */
const ITEMS_ONLY = /\[ \.\.\. \d+ more items?(, \[length\]: \d+)? \]$/;

const SHOWN = { maxArrayLength: 0, depth: 0, customInspect: false, breakLength: Number.POSITIVE_INFINITY } as const;

/**
 * Whether an array or typed array has fields of its own beside its items, as what `match` gives has `index`.
 *
 * The keys of a long list would take as long as its JSON. Node's `inspect` lists named fields alone, in 2 µs; where it
 * writes anything unexpected, the answer is yes, which costs time only.
 */
export function mayHaveNamedFields(list: ArrayLike<unknown>): boolean {
  const isArray = Array.isArray(list);
  if (list.length <= COUNTED_ITEMS) {
    // Items come first, then an array's length, then what else there is, symbols included.
    const last = Reflect.ownKeys(list).at(-1);
    return last !== (isArray ? "length" : list.length === 0 ? undefined : String(list.length - 1));
  }
  // Of a typed array Node would show its buffer besides, so what a long one does not list goes unseen.
  return !ITEMS_ONLY.test(inspect(list, { ...SHOWN, showHidden: isArray }));
}

/** Names of the fields that a list has beside its items and its length, in order. */
export function namedFields(list: ArrayLike<unknown>): string[] {
  const hasLength = !ArrayBuffer.isView(list);
  return Object.getOwnPropertyNames(list).filter((key) => !(hasLength && key === "length") && !isIndex(key));
}

/** Keys of the items that an array has. */
export function itemKeys(list: readonly unknown[]): string[] {
  return Object.getOwnPropertyNames(list).filter(isIndex);
}

/** Whether the key is that of an item: an integer below 2³² - 1, as arrays have it. */
export function isIndex(key: string): boolean {
  const index = Number(key);
  return Number.isInteger(index) && index >= 0 && index < 4_294_967_295 && String(index) === key;
}

/** Length up to which an array may make room for all of its items, be there any or not. */
const ROOMY_ITEMS = 10_000;

/** Copies the items that a list has into another one, and its length: what it costs goes by what it holds. */
export function copyItems(from: readonly unknown[], to: unknown[]): void {
  if (from.length > ROOMY_ITEMS && to.length === 0) {
    // The last place makes V8 keep items by their index; a length alone would make room for all of them.
    to[4_294_967_294] = 0;
    delete to[4_294_967_294];
  }
  to.length = from.length;
  for (const key of itemKeys(from)) to[Number(key)] = from[Number(key)];
}
