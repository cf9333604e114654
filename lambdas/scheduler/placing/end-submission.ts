import { parseAbortRanges } from "../../core/abort-ranges.ts";
import { JOB_MOVES } from "../../core/job-state.ts";
import { mergedRanges, withoutRanges } from "../../protocol/index-ranges.ts";
import type { JobHeader } from "../../protocol/job-header.ts";
import { moveJob } from "../rows/job-row.ts";
import { putAbortedAhead, putUnrun } from "../rows/outcome-rows.ts";
import { settleEnded } from "../waiting/settle-ended.ts";
import type { SettlingContext } from "../waiting/settling-context.ts";

/** Time, in milliseconds, after which an incomplete submission is ended. */
export const SUBMIT_WITHIN_MS = 120_000;

/**
 * Ends a submission that was never completed: each task gets a typed error, which waiting clients receive. First
 * changes the job's state, by a write whose condition proves the submission incomplete. If this pass dies later, the
 * next sweep does the rest.
 *
 * @returns false if the submission's last part arrived meanwhile
 */
export async function endSubmission(cluster: SettlingContext, header: JobHeader): Promise<boolean> {
  const givenUp = await moveJob(cluster, header.id, JOB_MOVES.giveUp);
  if (!givenUp) return false;
  const { ahead } = parseAbortRanges(givenUp.after.aborted);
  for (const piece of ahead) await putAbortedAhead(cluster, header.id, piece);
  // The key remains assigned to this job, whose outcomes never change.
  const again =
    header.key === undefined ? "submit the work again" : "submit the work again under another idempotency key";
  const evalue = `the submission was not completed within two minutes: ${again}`;
  const left = withoutRanges([[0, header.tasks]], mergedRanges(ahead));
  const ranges = left.map(([from, to]) => ({ from, to, attempt: 1 }));
  const error = { code: "TaskAborted", ename: "TaskAborted", evalue } as const;
  await settleEnded(cluster, await putUnrun(cluster, { job: header.id, ranges, hop: 0 }, { status: "aborted", error }));
  await moveJob(cluster, header.id, JOB_MOVES.close);
  return true;
}
