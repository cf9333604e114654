import { Buffer } from "node:buffer";

/** The keys of a bucket, sorted by their UTF-8 bytes, as S3 lists them. */
export class KeyIndex {
  readonly #keys: Set<string>;
  /** The sorted keys; undefined after a change. */
  #sorted: string[] | undefined;

  constructor(keys: Iterable<string>) {
    this.#keys = new Set(keys);
  }

  add(key: string): void {
    if (this.#keys.has(key)) return;
    this.#keys.add(key);
    this.#sorted = undefined;
  }

  delete(key: string): void {
    if (this.#keys.delete(key)) this.#sorted = undefined;
  }

  get sorted(): readonly string[] {
    this.#sorted ??= [...this.#keys].sort(byUtf8);
    return this.#sorted;
  }
}

/**
 * Compares two texts by their UTF-8 bytes. JavaScript compares UTF-16 units, which orders surrogates before U+E000 to
 * U+FFFF.
 */
export function byUtf8(one: string, other: string): number {
  if (/[\ud800-\uffff]/.test(one) && /[\ud800-\uffff]/.test(other))
    return Buffer.compare(Buffer.from(one), Buffer.from(other));
  return one < other ? -1 : Number(one > other);
}
