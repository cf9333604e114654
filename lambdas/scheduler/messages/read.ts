import { type EngineAnswer, refused } from "../../protocol/engine-answer.ts";
import type { ReadMessage } from "../../protocol/report-messages.ts";
import { bucketPartition, outcomePagesBetween } from "../../protocol/rows.ts";
import type { StoreAccess } from "../ports/scheduler-ports.ts";
import { heldSession, knownSession } from "../rows/held-session.ts";
import { readJob } from "../rows/job-row.ts";
import type { EngineReads, JobAccess } from "../rows/row-access.ts";
import { notDescendant } from "../waiting/descendants.ts";

/** Maximum size of the pages in one answer, in characters; below Lambda's 6 MB. */
const ANSWER_CHARS = 3_000_000;

/** Pages of one bucket of a job. */
interface Wanted {
  job: string;
  pages: NonNullable<ReadMessage["pages"]>;
}

/** Outcome pages as stored; `more` is whether other pages follow. */
interface Found {
  pages: { sk: string; body: string }[];
  more: boolean;
}

/**
 * Reads from the tables on behalf of tasks: rows and outcomes of jobs that these tasks or their descendants submitted.
 */
export async function readForTask(cluster: JobAccess & EngineReads, message: ReadMessage): Promise<EngineAnswer> {
  const { also = [] } = message;
  const jobs = [message.job, ...also.map(({ job }) => job)];
  const known = knownSession(cluster, message);
  // The remembered session may have ended since. That does no harm: while it lasted, it was allowed to read the same
  // jobs.
  if (!known || (await notDescendant(cluster, known, jobs)) !== undefined) {
    const engine = await heldSession(cluster, message);
    if (!engine) return refused("the session is over, or belongs to another invocation");
    const other = await notDescendant(cluster, engine, jobs);
    if (other !== undefined)
      return refused(`job ${other} was not submitted by a task of this session, so its tasks cannot read it`);
  }
  if (!message.pages) {
    const row = await readJob(cluster, message.job);
    return row ? { type: "row", row } : { type: "row" };
  }
  const wanted = [{ job: message.job, pages: message.pages }, ...also];
  const [first = { pages: [], more: false }, ...others] = fitting(
    await Promise.all(wanted.map((one) => list(cluster, one))),
  );
  return { type: "pages", ...first, ...(message.also === undefined ? {} : { also: others }) };
}

async function list(cluster: StoreAccess, { job, pages }: Wanted): Promise<Found["pages"]> {
  const { bucket, first, past, after } = pages;
  const between = outcomePagesBetween(first, past);
  const from = after ?? between.from;
  if (from > between.to) return [];
  const rows = await cluster.store.list(bucketPartition(job, bucket), { ...between, from });
  return rows.filter(({ sk }) => sk !== after).map(({ sk, body }) => ({ sk, body }));
}

/** The pages that fit one answer, at least one of them. */
function fitting(lists: readonly Found["pages"][]): Found[] {
  let left = ANSWER_CHARS;
  let isEmpty = true;
  return lists.map((rows) => {
    const pages: Found["pages"] = [];
    for (const row of rows) {
      left -= row.body.length;
      if (left < 0 && !isEmpty) return { pages, more: true };
      pages.push(row);
      isEmpty = false;
    }
    return { pages, more: false };
  });
}
