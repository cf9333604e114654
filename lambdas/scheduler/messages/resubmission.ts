import { createHash } from "node:crypto";
import * as v from "valibot";
import { jobFacts } from "../../core/job-state.ts";
import type { OtherWaits, Renewed } from "../../core/renumbering.ts";
import { NotFinished, UnknownTask } from "../../protocol/errors.ts";
import { JobFlags } from "../../protocol/flags.ts";
import { commonRanges, countIndexes, type IndexRange, indexesOf } from "../../protocol/index-ranges.ts";
import type { JobHeader } from "../../protocol/job-header.ts";
import { purgedRanges } from "../../protocol/purged.ts";
import type { ResubmitMessage } from "../../protocol/scheduler-messages.ts";
import { chunkBounds } from "../../protocol/spec-page.ts";
import { taskId } from "../../protocol/task-id.ts";
import { firstUnfinished } from "../rows/finished-tasks.ts";
import { headerOf, readJob } from "../rows/job-row.ts";
import type { JobAccess } from "../rows/row-access.ts";
import { hasWaits } from "../rows/wait-rows.ts";

/** Maximum number of ranges to record in the new job's row. If there are more, the row names only the original job. */
const HEADER_RANGES = 16;

/** The changes that a resubmission makes to the original submission. */
type Changes = Pick<ResubmitMessage, "flags" | "label" | "without" | "waits">;

/** Tasks of one job to run again, as a new job. */
export interface Resubmission extends Renewed {
  old: JobHeader;
  /** The new job's header without `free`, because `free` follows from the job's wait groups. */
  header: JobHeader;
  waits: OtherWaits;
}

/**
 * Checks that tasks can run again and describes their new job.
 *
 * @throws UnknownTask for a task or job that does not exist or was purged, NotFinished for the first task without an
 *   outcome
 */
export async function checkedResubmission(
  cluster: JobAccess,
  { id, from, ranges: asked }: ResubmitMessage["jobs"][number],
  message: ResubmitMessage,
): Promise<Resubmission> {
  const row = await readJob(cluster, from);
  if (!row || !jobFacts(row).isKnown)
    throw new UnknownTask(`job ${from} is unknown: it was never submitted, was purged, or has expired`);
  const old = headerOf(row);
  const ranges: IndexRange[] = asked ?? [[0, old.tasks]];
  const beyond = ranges.find(([, to]) => to > old.tasks);
  if (beyond) throw new UnknownTask(`task ${taskId(from, beyond[1] - 1)} is not known: its job has ${old.tasks} tasks`);
  const [gone] = commonRanges(ranges, purgedRanges(row.purged));
  if (gone) throw new UnknownTask(`task ${taskId(from, gone[0])} is not known: it was purged`);
  if (!jobFacts(row).hasEnded) {
    const missing = await firstUnfinished(cluster, from, ranges);
    if (missing !== undefined) throw new NotFinished(taskId(from, missing));
  }
  return resubmissionOf(id, old, ranges, message, message);
}

/** Describes the new job of tasks that may run again. */
export function resubmissionOf(
  id: string,
  old: JobHeader,
  ranges: IndexRange[],
  { submitted, client }: Pick<ResubmitMessage, "submitted" | "client">,
  { flags, label: given, without, waits = {} }: Changes,
): Resubmission {
  const { shape, chunked, pageTasks, specBytes, names } = old;
  const tasks = countIndexes(ranges);
  const all = Object.entries({ ...old.flags, ...flags });
  const kept = v.parse(JobFlags, Object.fromEntries(all.filter(([name]) => !without.includes(name))));
  const label = given ?? (without.includes("label") ? undefined : old.label);
  const few =
    ranges.length <= HEADER_RANGES ? { ranges: ranges.map(([from, to]): [number, number] => [from, to]) } : {};
  const header: JobHeader = {
    ...{ id, tasks, items: chunked ? itemsOf(old, ranges) : tasks, shape, chunked, pageTasks, specBytes },
    ...{ flags: kept, submitted, client, resubmitOf: { job: old.id, ...few } },
    ...(label === undefined ? {} : { label }),
    ...(names === undefined ? {} : { names }),
  };
  const others: OtherWaits = {
    after: waits.after ?? (without.includes("after") ? [] : undefined),
    follow: waits.follow ?? (without.includes("follow") ? null : undefined),
  };
  return { from: old.id, id, ranges, old, header, waits: others };
}

/** Whether tasks of the new job may wait for others. */
export function mayWait({ old, waits }: Resubmission): boolean {
  return hasWaits(old) || (waits.after?.length ?? 0) > 0 || Boolean(waits.follow);
}

/**
 * The id of a job that the scheduler creates itself. It is deterministic, so that repetitions give the same id, and
 * sorts next to the client's job.
 */
export function derivedJobId(root: string, old: string): string {
  const digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  const bytes = createHash("sha256").update(`${root} ${old}`).digest();
  return root.slice(0, 10) + Array.from(bytes.subarray(0, 16), (byte) => digits[byte % 32]).join("");
}

/**
 * Counts the items of the given tasks. Cutting this count into as many chunks gives chunks of the same sizes, if the
 * tasks are in ascending order, because a job's longer chunks come first.
 */
function itemsOf({ items, tasks }: JobHeader, ranges: readonly IndexRange[]): number {
  let count = 0;
  for (const task of indexesOf(ranges)) {
    const { from, to } = chunkBounds(items, tasks, task);
    count += to - from;
  }
  return count;
}
