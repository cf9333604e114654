import { listedJobRow } from "../../../protocol/listed-job.ts";
import { codeKey, dayKey, openJobKey, type Row, specPageKey } from "../../../protocol/rows.ts";
import type { SubmitMessage, SubmittedJob } from "../../../protocol/scheduler-messages.ts";
import { specPageRow } from "../../../protocol/spec-page-row.ts";
import { expiryRow } from "../../rows/due-rows.ts";
import { NEVER_SCANNED } from "../../rows/open-job.ts";
import { queueRows } from "../../rows/queue-rows.ts";
import { hasWaits, waitRows } from "../../rows/wait-rows.ts";
import { submittedAt } from "./submitted-at.ts";

/**
 * Makes the rows that are the same for every writer: code, specs, deadlines, wait groups, and rows in the lists of open
 * jobs, of the day's jobs and of queues.
 */
export function contentRows(
  message: SubmitMessage,
  jobs: readonly (SubmittedJob & { queue: string })[],
  now: number,
): Row[] {
  const rows: Row[] = message.units.map(({ hash, body }) => ({ ...codeKey(hash), body }));
  rows.push(...queueRows(jobs.map(({ queue }) => queue)));
  for (const { header, pages, queue, waits } of jobs) {
    const { deadlineMs, timeoutMs } = header.flags;
    const submitted = submittedAt(header, now);
    if (deadlineMs) rows.push(expiryRow(submitted + deadlineMs, header.id, queue));
    // Waiting on dependencies counts as waiting in the queue, as in ipyparallel.
    if (timeoutMs && hasWaits(header)) rows.push(expiryRow(submitted + timeoutMs, header.id, queue));
    rows.push(...waitRows(header.id, waits ?? []));
    for (const [first, page] of pages) rows.push({ ...specPageKey(header.id, first), body: specPageRow.encode(page) });
    // For a job with an idempotency key, this row was written when the key was claimed.
    if (header.key === undefined) rows.push({ ...openJobKey(header.id), body: NEVER_SCANNED });
    const about = { tasks: header.tasks, label: header.label, client: header.client };
    rows.push({ ...dayKey(new Date(header.submitted).toISOString(), header.id), body: listedJobRow.encode(about) });
  }
  return rows;
}
