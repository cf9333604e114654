import { byUtf8 } from "./key-index.ts";

/** A request for one page of a listing. */
export interface ListRequest {
  prefix: string;
  /**
   * Ends a common prefix: keys that contain this text after `prefix` are listed as one entry, their beginning up to and
   * including it. Empty: no common prefixes.
   */
  delimiter: string;
  /** Position after which the page begins; undefined: the beginning of the listing. */
  after: ListPosition | undefined;
  /** Maximum number of keys and common prefixes together. */
  most: number;
}

/** The position of a key, or of all keys with a common prefix. */
export interface ListPosition {
  text: string;
  isPrefix: boolean;
}

export interface ListPage {
  keys: string[];
  prefixes: string[];
  /** `after` of the next page; undefined if this is the last. */
  last: ListPosition | undefined;
}

/** Returns one page of `sorted` keys. */
export function listPage(sorted: readonly string[], { prefix, delimiter, after, most }: ListRequest): ListPage {
  const page: ListPage = { keys: [], prefixes: [], last: undefined };
  if (most === 0) return page;
  let at = firstWhere(sorted, (key) => byUtf8(key, prefix) >= 0 && (!after || isAfter(key, after)));
  let last: ListPosition | undefined;
  for (let key = sorted[at]; key?.startsWith(prefix); key = sorted[at]) {
    if (page.keys.length + page.prefixes.length === most) return { ...page, last };
    const cut = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length);
    if (cut < 0) {
      page.keys.push(key);
      last = { text: key, isPrefix: false };
      at++;
    } else {
      const common = { text: key.slice(0, cut + delimiter.length), isPrefix: true };
      page.prefixes.push(common.text);
      last = common;
      at = firstWhere(sorted, (one) => isAfter(one, common), at);
    }
  }
  return page;
}

/** Whether a key comes after a position. If it does, all later keys do too, as `firstWhere` requires. */
function isAfter(key: string, { text, isPrefix }: ListPosition): boolean {
  return byUtf8(key, text) > 0 && !(isPrefix && key.startsWith(text));
}

/**
 * Returns the index of the first key, from `from` on, for which `holds` is true; the number of keys if there is none.
 * `holds` must be true for all later keys too.
 */
function firstWhere(sorted: readonly string[], holds: (key: string) => boolean, from = 0): number {
  let [low, high] = [from, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const key = sorted[middle];
    if (key !== undefined && holds(key)) high = middle;
    else low = middle + 1;
  }
  return low;
}
