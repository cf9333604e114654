import { inspect } from "node:util";

/**
 * Maximum length of a list whose keys are listed. For longer lists Node's `inspect` is faster, because it skips the
 * items.
 */
const COUNTED_ITEMS = 16;

/** Matches what `inspect` prints, without items, for a list without named fields. */
const ITEMS_ONLY = /\[ \.\.\. \d+ more items?(, \[length\]: \d+)? \]$/;

const SHOWN = { maxArrayLength: 0, depth: 0, customInspect: false, breakLength: Number.POSITIVE_INFINITY } as const;

/**
 * Whether an array or typed array has named fields of its own besides its items, such as `index` in the result of
 * `match`.
 *
 * Listing the keys of a long list would take as long as encoding it as JSON. Node's `inspect` lists just the named
 * fields, in 2 µs. If its output has an unexpected form, the answer is true: a wrong answer of true only costs time.
 */
export function mayHaveNamedFields(list: ArrayLike<unknown>): boolean {
  const isArray = Array.isArray(list);
  if (list.length <= COUNTED_ITEMS) {
    // Items come first, then an array's length, then everything else, including symbols.
    const last = Reflect.ownKeys(list).at(-1);
    return last !== (isArray ? "length" : list.length === 0 ? undefined : String(list.length - 1));
  }
  // `showHidden` would also show a typed array's buffer, so it is only set for arrays. Non-enumerable fields of a long
  // typed array therefore go unnoticed.
  return !ITEMS_ONLY.test(inspect(list, { ...SHOWN, showHidden: isArray }));
}

/** Names of a list's fields other than its items and length, in order. */
export function namedFields(list: ArrayLike<unknown>): string[] {
  const hasLength = !ArrayBuffer.isView(list);
  return Object.getOwnPropertyNames(list).filter((key) => !(hasLength && key === "length") && !isIndex(key));
}

/** Keys of an array's items; holes have none. */
export function itemKeys(list: readonly unknown[]): string[] {
  return Object.getOwnPropertyNames(list).filter(isIndex);
}

/** Whether the key is an array index: an integer below 2³² - 1. */
export function isIndex(key: string): boolean {
  const index = Number(key);
  return Number.isInteger(index) && index >= 0 && index < 4_294_967_295 && String(index) === key;
}

/** Maximum length for which an array may allocate room for all its items, whether they exist or not. */
const ROOMY_ITEMS = 10_000;

/**
 * Copies a list's items and length into another one. The cost depends on the number of existing items, not on the
 * length.
 */
export function copyItems(from: readonly unknown[], to: unknown[]): void {
  if (from.length > ROOMY_ITEMS && to.length === 0) {
    // Setting the last index makes V8 store items by index; a length alone would allocate room for all of them.
    to[4_294_967_294] = 0;
    delete to[4_294_967_294];
  }
  to.length = from.length;
  for (const key of itemKeys(from)) to[Number(key)] = from[Number(key)];
}
