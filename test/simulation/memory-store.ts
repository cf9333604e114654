import { markedRow } from "../../lambdas/adapters/marked-row.ts";
import type { Claimed, Listing, Marked, RowMark, Store } from "../../lambdas/adapters/store.ts";
import type { Row, RowKey } from "../../lambdas/protocol/rows.ts";

/** The tables in memory: the same verbs, each atomic, in the order in which they are called. Rows are frozen, so sharing them is safe. */
export class MemoryStore implements Store {
  readonly partitions = new Map<string, Map<string, Row>>();
  /** Raised by every change. */
  version = 0;

  peek({ pk, sk }: RowKey): Row | undefined {
    return this.partitions.get(pk)?.get(sk);
  }

  #set(row: Row): void {
    this.version++;
    const partition = this.partitions.get(row.pk) ?? new Map<string, Row>();
    this.partitions.set(row.pk, partition);
    const kept: Row = { ...row };
    for (const [name, value] of Object.entries(kept)) if (value === undefined) delete kept[name as keyof Row];
    if (kept.aborted) kept.aborted = Object.freeze([...kept.aborted]) as string[];
    partition.set(row.sk, Object.freeze(kept));
  }

  async write(rows: readonly Row[]): Promise<void> {
    for (const row of rows) this.#set(row);
  }

  async putOnce(row: Row): Promise<Row | undefined> {
    const standing = this.peek(row);
    if (!standing) this.#set(row);
    return standing;
  }

  async swap(row: Row, rev: number): Promise<boolean | undefined> {
    if (this.peek(row)?.rev !== rev) return false;
    this.#set(row);
    return true;
  }

  async claim(key: RowKey, count: number, size?: number): Promise<Claimed | undefined> {
    const row = this.peek(key);
    if (size === undefined && row?.state !== "open") return undefined;
    const from = row?.from ?? 0;
    const to = size ?? row?.to ?? 0;
    if (from >= to) return undefined;
    this.#set({ ...(row ?? { ...key, body: "" }), pk: key.pk, sk: key.sk, from: from + count, to });
    return { from, taken: Math.min(count, to - from), to, row };
  }

  async mark(key: RowKey, change: RowMark): Promise<Marked | undefined> {
    const before = this.peek(key);
    if (!before && !change.upsert) return undefined;
    if (change.fromAtMost !== undefined && (before?.from ?? 0) > change.fromAtMost) return undefined;
    if (change.whileState !== undefined && before?.state !== change.whileState) return undefined;
    const after = markedRow(before, key, change);
    this.#set(after);
    return { before, after };
  }

  async read(keys: readonly RowKey[]): Promise<(Row | undefined)[]> {
    return keys.map((key) => this.peek(key));
  }

  async list(pk: string, { from, to, limit }: Listing = {}): Promise<Row[]> {
    const rows = [...(this.partitions.get(pk)?.values() ?? [])]
      .filter(({ sk }) => (from === undefined || sk >= from) && (to === undefined || sk <= to))
      .sort((a, b) => (a.sk < b.sk ? -1 : 1));
    return limit === undefined ? rows : rows.slice(0, limit);
  }

  async remove(keys: readonly RowKey[]): Promise<void> {
    this.version++;
    for (const { pk, sk } of keys) this.partitions.get(pk)?.delete(sk);
  }
}
