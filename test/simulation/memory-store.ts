import {
  type Claimed,
  type Listing,
  ROW_SETS,
  type RowUpdate,
  type Store,
  type Updated,
} from "../../lambdas/adapters/store.ts";
import { updatedRow } from "../../lambdas/adapters/updated-row.ts";
import type { Row, RowKey } from "../../lambdas/protocol/rows.ts";
import { checkCount, checkKey, checkListing, checkRow, checkUpdate, compareTexts } from "./dynamo-rules.ts";

const WIDE = /[\ud800-\udfff]/;

/** The rows of a partition by sort key. It counts its changes, so that readers can cache what they derive from it. */
export class Partition extends Map<string, Row> {
  changes = 0;

  override set(sk: string, row: Row): this {
    this.changes++;
    return super.set(sk, row);
  }

  override delete(sk: string): boolean {
    this.changes++;
    return super.delete(sk);
  }
}

/**
 * The tables in memory: the same verbs, atomic and in order, with the same refusals. Rows are frozen, so sharing them
 * is safe.
 */
export class MemoryStore implements Store {
  readonly partitions = new Map<string, Map<string, Row>>();
  /** Incremented by every change. */
  version = 0;
  /**
   * Whether a sort key has ever contained a surrogate: only then do the orders of UTF-16 units and of UTF-8 bytes
   * differ.
   */
  #isWide = false;
  /** The sorted keys of the partitions that were listed, so that they are not sorted again for each list. */
  #sorted = new WeakMap<ReadonlyMap<string, Row>, string[]>();

  peek({ pk, sk }: RowKey): Row | undefined {
    return this.partitions.get(pk)?.get(sk);
  }

  #set(row: Row): void {
    this.version++;
    if (!this.#isWide && WIDE.test(row.sk)) {
      this.#isWide = true;
      this.#sorted = new WeakMap();
    }
    const partition = this.partitions.get(row.pk) ?? new Partition();
    this.partitions.set(row.pk, partition);
    const kept: Row = { ...row };
    for (const [name, value] of Object.entries(kept)) if (value === undefined) delete kept[name as keyof Row];
    if (kept.aborted) kept.aborted = Object.freeze([...kept.aborted]) as string[];
    if (kept.dependents === false) delete kept.dependents;
    for (const name of ROW_SETS) {
      const elements = kept[name];
      if (elements?.length === 0) delete kept[name];
      else if (elements) kept[name] = Object.freeze([...new Set(elements)]) as string[];
    }
    if (!partition.has(row.sk)) {
      const keys = this.#sorted.get(partition);
      keys?.splice(this.#place(keys, row.sk), 0, row.sk);
    }
    partition.set(row.sk, Object.freeze(kept));
  }

  #keysOf(partition: ReadonlyMap<string, Row>): readonly string[] {
    const known = this.#sorted.get(partition);
    // Some tests add rows to a partition themselves.
    if (known?.length === partition.size) return known;
    const keys = [...partition.keys()].sort(this.#isWide ? compareTexts : compareUnits);
    this.#sorted.set(partition, keys);
    return keys;
  }

  /** The position of the first key that is not below `sk`. */
  #place(keys: readonly string[], sk: string): number {
    const order = this.#isWide ? compareTexts : compareUnits;
    let [low, high] = [0, keys.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (order(keys[middle] ?? "", sk) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  async write(rows: readonly Row[]): Promise<void> {
    // Of several rows with the same key, only the last is sent.
    const last = new Map(rows.map((row) => [JSON.stringify([row.pk, row.sk]), row]));
    for (const row of last.values()) checkRow(row);
    for (const row of last.values()) this.#set(row);
  }

  async putOnce(row: Row): Promise<Row | undefined> {
    checkRow(row);
    const standing = this.peek(row);
    if (!standing) this.#set(row);
    return standing;
  }

  async swap(row: Row, rev: number): Promise<boolean | undefined> {
    checkRow(row);
    checkCount(rev);
    if (this.peek(row)?.rev !== rev) return false;
    this.#set(row);
    return true;
  }

  async claim(key: RowKey, count: number, size?: number, spent?: number): Promise<Claimed | undefined> {
    checkKey(key);
    checkCount(count, size, spent);
    const row = this.peek(key);
    const from = row?.from ?? 0;
    const to = size ?? row?.to ?? 0;
    // For a job, a missing position fails the condition. A run begins at 0.
    const isLeft =
      size === undefined
        ? row?.state === "open" && row.from !== undefined && from < to
        : row?.from === undefined || from < to;
    if (!isLeft) return undefined;
    const sum = spent === undefined ? {} : { spent: (row?.spent ?? 0) + spent };
    this.#set({ ...(row ?? { ...key, body: "" }), pk: key.pk, sk: key.sk, from: from + count, to, ...sum });
    return { from, taken: Math.min(count, to - from), to, row };
  }

  async update(key: RowKey, change: RowUpdate): Promise<Updated | undefined> {
    checkKey(key);
    checkUpdate(change);
    const before = this.peek(key);
    if (!before && !change.mayCreate) return undefined;
    const { inState, cursorAtMost } = change.only ?? {};
    if (cursorAtMost !== undefined && !((before?.from ?? Number.NaN) <= cursorAtMost)) return undefined;
    if (inState !== undefined && !(before?.state !== undefined && inState.includes(before.state))) return undefined;
    const after = updatedRow(before, key, change);
    checkRow(after);
    this.#set(after);
    return { before, after };
  }

  async read(keys: readonly RowKey[]): Promise<(Row | undefined)[]> {
    for (const key of keys) checkKey(key);
    return keys.map((key) => this.peek(key));
  }

  async list(pk: string, listing: Listing = {}): Promise<Row[]> {
    checkListing(pk, listing);
    const { from, to, limit = Number.POSITIVE_INFINITY } = listing;
    const partition = this.partitions.get(pk);
    if (!partition) return [];
    const order = this.#isWide ? compareTexts : compareUnits;
    const keys = this.#keysOf(partition);
    const rows: Row[] = [];
    for (let at = from === undefined ? 0 : this.#place(keys, from); at < keys.length && rows.length < limit; at++) {
      const sk = keys[at] ?? "";
      if (to !== undefined && order(sk, to) > 0) break;
      const row = partition.get(sk);
      if (row) rows.push(row);
    }
    return rows;
  }

  async remove(keys: readonly RowKey[]): Promise<void> {
    for (const key of keys) checkKey(key);
    this.version++;
    for (const { pk, sk } of keys) {
      const partition = this.partitions.get(pk);
      if (!partition?.delete(sk)) continue;
      const sorted = this.#sorted.get(partition);
      sorted?.splice(this.#place(sorted, sk), 1);
    }
  }
}

function compareUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
