import { aheadRange, parseAbortRanges } from "../../core/abort-ranges.ts";
import { CLAIMABLE_STATES } from "../../core/job-state.ts";
import { commonRanges, type IndexRange, indexesOf } from "../../protocol/index-ranges.ts";
import type { EncodedError } from "../../protocol/outcome-page.ts";
import { jobKey } from "../../protocol/rows.ts";
import { putAbortedAhead, putUnrun } from "../rows/outcome-rows.ts";
import { settleEnded } from "../waiting/settle-ended.ts";
import type { SettlingContext } from "../waiting/settling-context.ts";
import type { Recalled } from "./recall-lost.ts";

/**
 * Ends tasks ahead of the job's cursor, because claiming them fails repeatedly. An abort range in the job's row
 * prevents later claims from returning them. Atomic against claims: does nothing if the cursor has passed the first of
 * the tasks.
 */
export async function endAhead(
  cluster: SettlingContext,
  job: string,
  [...ranges]: readonly IndexRange[],
  error: EncodedError,
): Promise<void> {
  const [first] = ranges;
  if (!first) return;
  const only = { inState: CLAIMABLE_STATES, cursorAtMost: first[0] };
  const updated = await cluster.store.update(jobKey(job), { aborted: ranges.map(aheadRange), only });
  if (!updated) return;
  for (const piece of parseAbortRanges(updated.after.aborted).ahead)
    if (commonRanges([piece], ranges).length > 0)
      await settleEnded(cluster, await putAbortedAhead(cluster, job, piece, undefined, { status: "lost", error }));
}

/** Ends recalled tasks, because claiming them fails repeatedly. */
export async function endRecalled(
  cluster: SettlingContext,
  job: string,
  { ranges: recalled, hop, scan }: Recalled,
  error: EncodedError,
): Promise<void> {
  const ranges = [...indexesOf(recalled)].map((index) => ({
    ...{ from: index, to: index + 1 },
    attempt: 1 + (scan.spent.get(index) ?? 0),
  }));
  await settleEnded(cluster, await putUnrun(cluster, { job, ranges, hop }, { status: "lost", error }));
}
