import type { Row } from "../../protocol/rows.ts";
import { UnreadableRow } from "../../protocol/unreadable-row.ts";
import type { Log } from "../ports/scheduler-ports.ts";

/** Parses a row. If it cannot be read, logs it and returns `undefined`, so that it does not block others. */
export function readable<Held>(cluster: Log, row: Row, read: (row: Row) => Held): Held | undefined {
  try {
    return read(row);
  } catch (error) {
    if (!(error instanceof UnreadableRow)) throw error;
    cluster.log("row-unreadable", { key: error.key, error: error.message });
    return undefined;
  }
}

/** Parses rows, leaving out those that cannot be read. */
export function allReadable<Held>(cluster: Log, rows: readonly Row[], read: (row: Row) => Held): Held[] {
  return rows.map((row) => readable(cluster, row, read)).filter((held) => held !== undefined);
}
