import type { Row } from "../../protocol/rows.ts";
import { UnreadableRow } from "../../protocol/unreadable-row.ts";
import type { Cluster } from "../cluster.ts";

/** What a row holds; `undefined`, and a line in the log, for one that cannot be read, so that it keeps no other from being acted on. */
export function readable<Held>(cluster: Cluster, row: Row, read: (row: Row) => Held): Held | undefined {
  try {
    return read(row);
  } catch (error) {
    if (!(error instanceof UnreadableRow)) throw error;
    cluster.log("row-unreadable", { key: error.key, error: error.message });
    return undefined;
  }
}

/** What those of the rows hold that can be read. */
export function allReadable<Held>(cluster: Cluster, rows: readonly Row[], read: (row: Row) => Held): Held[] {
  return rows.map((row) => readable(cluster, row, read)).filter((held) => held !== undefined);
}
