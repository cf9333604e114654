import type { OnFailureRecord } from "../../protocol/on-failure-record.ts";
import { shortReason } from "../../protocol/short-reason.ts";
import { place } from "../placing/place.ts";
import type { PlacingContext } from "../placing/placing-context.ts";
import { revokeSession } from "../placing/revoke-session.ts";
import { readEngine } from "../rows/engine-rows.ts";

/**
 * Handles Lambda's record of a failed invocation: crash, timeout, out of memory, or never started. The record names the
 * session, not its current lease. A repeated record has no effect, because the session has ended by then.
 */
export async function onFailure(cluster: PlacingContext, record: OnFailureRecord): Promise<void> {
  const { engine, session } = record.requestPayload;
  return revokeFailed(cluster, engine, session, failureReason(record));
}

/** Revokes the session of an invocation that has failed and places its tasks again. */
export async function revokeFailed(
  cluster: PlacingContext,
  id: number,
  session: string,
  reason: string,
): Promise<void> {
  for (;;) {
    const engine = await readEngine(cluster, id);
    if (engine?.session?.id !== session) return;
    const queues = await revokeSession(cluster, { ...engine, session: engine.session }, reason);
    if (!queues) continue;
    await place(cluster, queues);
    return;
  }
}

/** Lambda's error message or failure condition, cut to one line of 300 characters. */
function failureReason(record: OnFailureRecord): string {
  const payload = record.responsePayload;
  const message =
    typeof payload === "object" && payload !== null && "errorMessage" in payload ? payload.errorMessage : undefined;
  return shortReason(typeof message === "string" ? message : record.requestContext.condition);
}
