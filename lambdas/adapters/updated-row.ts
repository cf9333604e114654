import type { Row, RowKey } from "../protocol/rows.ts";
import { ROW_SETS, type RowUpdate } from "./store.ts";

/** The row after an update whose conditions hold. The elements of its sets may be in any order. */
export function updatedRow(before: Row | undefined, { pk, sk }: RowKey, change: RowUpdate): Row {
  const after: Row = { ...(before ?? { body: "" }), pk, sk };
  if (change.state !== undefined) after.state = change.state;
  if (change.aborted) after.aborted = [...(before?.aborted ?? []), ...change.aborted];
  if (change.spent !== undefined) after.spent = (before?.spent ?? 0) + change.spent;
  if (change.dependents) after.dependents = true;
  for (const name of ROW_SETS) {
    const added = change.add?.[name];
    if (added && added.length > 0) after[name] = [...new Set([...(before?.[name] ?? []), ...added])];
  }
  return after;
}
