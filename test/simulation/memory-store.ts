import type { Claimed, Listing, Store } from "../../lambdas/adapters/store.ts";
import type { Row, RowKey } from "../../lambdas/protocol/rows.ts";

/** Called before and after each verb's effect: a simulation counts, delays, fails or kills here. */
export type Tap = (verb: keyof Store, when: "before" | "after", key: string) => void | Promise<void>;

/** The tables in memory: the same verbs, each atomic, in the order in which they are called. */
export class MemoryStore implements Store {
  readonly partitions = new Map<string, Map<string, Row>>();
  tap: Tap = () => {};

  #get({ pk, sk }: RowKey): Row | undefined {
    return this.partitions.get(pk)?.get(sk);
  }

  #set(row: Row): void {
    const partition = this.partitions.get(row.pk) ?? new Map<string, Row>();
    this.partitions.set(row.pk, partition);
    partition.set(row.sk, structuredClone(row));
  }

  async #verb<T>(verb: keyof Store, key: string, effect: () => T): Promise<T> {
    await this.tap(verb, "before", key);
    const result = structuredClone(effect());
    await this.tap(verb, "after", key);
    return result;
  }

  write(rows: readonly Row[]): Promise<void> {
    return this.#verb("write", rows.map(({ sk }) => sk).join(","), () => {
      for (const row of rows) this.#set(row);
    });
  }

  putOnce(row: Row): Promise<Row | undefined> {
    return this.#verb("putOnce", row.sk, () => {
      const standing = this.#get(row);
      if (!standing) this.#set(row);
      return standing;
    });
  }

  swap(row: Row, rev: number): Promise<boolean> {
    return this.#verb("swap", row.sk, () => {
      if (this.#get(row)?.rev !== rev) return false;
      this.#set(row);
      return true;
    });
  }

  claim(key: RowKey, count: number, size?: number): Promise<Claimed | undefined> {
    return this.#verb("claim", key.sk, () => {
      const row = this.#get(key);
      if (size === undefined && (!row || row.state !== "open")) return undefined;
      const from = row?.from ?? 0;
      const to = size ?? row?.to ?? 0;
      if (from >= to) return undefined;
      this.#set({ ...(row ?? { ...key, body: "" }), pk: key.pk, sk: key.sk, from: from + count, to });
      return { from, taken: Math.min(count, to - from), to, row };
    });
  }

  mark(
    key: RowKey,
    change: { state?: string; aborted?: readonly string[]; fromAtMost?: number },
  ): Promise<Row | undefined> {
    return this.#verb("mark", key.sk, () => {
      const row = this.#get(key);
      if (!row || (change.fromAtMost !== undefined && (row.from ?? 0) > change.fromAtMost)) return undefined;
      const after: Row = { ...row };
      if (change.state !== undefined) after.state = change.state;
      if (change.aborted) after.aborted = [...(row.aborted ?? []), ...change.aborted];
      this.#set(after);
      return after;
    });
  }

  read(keys: readonly RowKey[]): Promise<(Row | undefined)[]> {
    return this.#verb("read", keys.map(({ sk }) => sk).join(","), () => keys.map((key) => this.#get(key)));
  }

  list(pk: string, { from, to, limit }: Listing = {}): Promise<Row[]> {
    return this.#verb("list", pk, () => {
      const rows = [...(this.partitions.get(pk)?.values() ?? [])]
        .filter(({ sk }) => (from === undefined || sk >= from) && (to === undefined || sk <= to))
        .sort((a, b) => (a.sk < b.sk ? -1 : 1));
      return limit === undefined ? rows : rows.slice(0, limit);
    });
  }

  remove(keys: readonly RowKey[]): Promise<void> {
    return this.#verb("remove", keys.map(({ sk }) => sk).join(","), () => {
      for (const { pk, sk } of keys) this.partitions.get(pk)?.delete(sk);
    });
  }
}
