import { chunkBounds } from "../../lambdas/protocol/spec-page.ts";
import type { JobOutcomes } from "../outcomes/outcome-store.ts";
import type { ResultPart } from "../outcomes/result-part.ts";

/** Number of items of a task: 1, or the size of its chunk. */
export function chunkSize({ header }: JobOutcomes, task: number): number {
  if (!header?.chunked) return 1;
  const { from, to } = chunkBounds(header.items, header.tasks, task);
  return to - from;
}

/** Number of items in the part's job before `task`. */
export function pastItem({ outcomes: { header } }: ResultPart, task: number): number {
  if (!header?.chunked) return task;
  return task === header.tasks ? header.items : chunkBounds(header.items, header.tasks, task).from;
}
