import type { Row, RowKey } from "../protocol/rows.ts";
import type { RowMark } from "./store.ts";

const SETS = ["ok", "bad", "opened", "purged"] as const;

/** The row that a mark makes of another, whose conditions hold. Sets keep no order. */
export function markedRow(before: Row | undefined, { pk, sk }: RowKey, change: RowMark): Row {
  const after: Row = { ...(before ?? { body: "" }), pk, sk };
  if (change.state !== undefined) after.state = change.state;
  if (change.aborted) after.aborted = [...(before?.aborted ?? []), ...change.aborted];
  if (change.dependents) after.dependents = true;
  for (const name of SETS) {
    const added = change.add?.[name];
    if (added && added.length > 0) after[name] = [...new Set([...(before?.[name] ?? []), ...added])];
  }
  return after;
}
