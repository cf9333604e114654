import type { RowsDelta } from "./live-data.ts";

/** The rows of a table as one page has received them. */
export class SentRows<Row extends { id: string }> {
  #sent = new Map<string, string>();

  /** Returns the changes since the last call. Assumes that the page receives them. */
  delta(rows: Iterable<Row>): RowsDelta<Row> {
    const now = new Map<string, string>();
    const set: Row[] = [];
    for (const row of rows) {
      const text = JSON.stringify(row);
      now.set(row.id, text);
      if (this.#sent.get(row.id) !== text) set.push(row);
    }
    const gone = [...this.#sent.keys()].filter((id) => !now.has(id));
    this.#sent = now;
    return { set, gone };
  }
}
