import { parkedLease } from "../../core/parked.ts";
import { followUps } from "../../core/settle.ts";
import { heardSession } from "../../core/silence.ts";
import { type EngineAnswer, refused } from "../../protocol/engine-answer.ts";
import { OUTCOME_PAGE_BYTES } from "../../protocol/outcome-page.ts";
import { packOutcomePage } from "../../protocol/packed-page.ts";
import type { SettleMessage } from "../../protocol/report-messages.ts";
import { place } from "../placing/place.ts";
import type { PlacingContext } from "../placing/placing-context.ts";
import { reportedPage } from "../placing/reported-page.ts";
import { swapEngine } from "../rows/engine-rows.ts";
import { heldSession, knownSession } from "../rows/held-session.ts";
import { jobHeader } from "../rows/job-row.ts";
import { endedPage, putOutcomePage } from "../rows/outcome-rows.ts";
import { requeuedRows } from "../waiting/ready-again.ts";
import { settleEnded } from "../waiting/settle-ended.ts";
import { endedChildren } from "./ended-children.ts";

/**
 * Processes the outcome of a parked task. As in a report, the page is written first, then its consequences are written,
 * then the engine's row. If the message is repeated, the page exists or the task is no longer parked, and the answer is
 * the same.
 */
export async function settleParked(cluster: PlacingContext, message: SettleMessage): Promise<EngineAnswer> {
  const { job, entry } = message;
  const known = knownSession(cluster, message);
  // If the session was revoked since it was remembered, a tombstone has taken the page's key.
  const isKnown = known && !known.linked && parkedLease(known, job, entry.index) !== undefined;
  const engine = isKnown ? known : await heldSession(cluster, message);
  if (!engine) return refused("the session is over, or belongs to another invocation");
  const lease = parkedLease(engine, job, entry.index);
  if (!lease) return { type: "settled" };
  const header = await jobHeader(cluster, job);
  if (!header) return refused(`job ${job} no longer exists`);
  const reported = await reportedPage(cluster, engine, lease, header, [entry]);
  const body = packOutcomePage(reported);
  if (Buffer.byteLength(body) > OUTCOME_PAGE_BYTES)
    return refused(`the outcome of task ${job}.${entry.index} is too long`);
  const { page } = await putOutcomePage(cluster, lease, reported, body);
  if (page.revoked) return refused(`task ${job}.${entry.index} was revoked`);
  await settleEnded(cluster, [endedPage(lease, page)]);
  const requeued = followUps(lease, page, header, reported.received);
  if (requeued.length > 0) await cluster.store.write(await requeuedRows(cluster, header, requeued));
  for (let before: typeof engine | undefined = engine; before; before = await heldSession(cluster, message)) {
    const held = parkedLease(before, job, entry.index);
    if (!held) break;
    const parked = before.parked.filter((one) => one !== held);
    const session = heardSession(before.session, cluster.now());
    if (await swapEngine(cluster, before, { parked, completed: before.completed + 1, session })) break;
  }
  const ready = requeued.filter(({ due }) => due === undefined || due <= reported.received);
  if (ready.length > 0) await place(cluster, [...new Set(ready.map(({ entry: queueEntry }) => queueEntry.queue))]);
  return { type: "settled", ...endedChildren(engine, header, lease, page) };
}
