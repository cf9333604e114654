import { type EngineAnswer, refused } from "../../protocol/engine-answer.ts";
import type { ReadMessage } from "../../protocol/report-messages.ts";
import { bucketPartition, outcomePagesBetween } from "../../protocol/rows.ts";
import { heldSession } from "../rows/held-session.ts";
import { readJob } from "../rows/job-row.ts";
import type { EngineReads, JobAccess } from "../rows/row-access.ts";
import { isDescendant } from "../waiting/descendants.ts";

/** Maximum size of the pages in one answer, in characters; below Lambda's 6 MB. */
const ANSWER_CHARS = 3_000_000;

/** Reads from the tables for a task: rows and outcomes of jobs that it or its descendants submitted. */
export async function readForTask(cluster: JobAccess & EngineReads, message: ReadMessage): Promise<EngineAnswer> {
  const engine = await heldSession(cluster, message);
  if (!engine) return refused("the session is over, or not yours");
  if (!(await isDescendant(cluster, engine, message.job)))
    return refused(`job ${message.job} was not submitted by a task of this session`);
  if (!message.pages) {
    const row = await readJob(cluster, message.job);
    return row ? { type: "row", row } : { type: "row" };
  }
  const { bucket, first, past, after } = message.pages;
  const between = outcomePagesBetween(first, past);
  const from = after ?? between.from;
  if (from > between.to) return { type: "pages", pages: [], more: false };
  const rows = await cluster.store.list(bucketPartition(message.job, bucket), { ...between, from });
  const pages: { sk: string; body: string }[] = [];
  let left = ANSWER_CHARS;
  for (const { sk, body } of rows) {
    if (sk === after) continue;
    left -= body.length;
    if (left < 0 && pages.length > 0) return { type: "pages", pages, more: true };
    pages.push({ sk, body });
  }
  return { type: "pages", pages, more: false };
}
