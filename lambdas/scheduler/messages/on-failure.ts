import type { OnFailureRecord } from "../../protocol/report-messages.ts";
import type { Cluster } from "../cluster.ts";
import { place } from "../placing/place.ts";
import { revokeSession } from "../placing/revoke-session.ts";
import { readEngine } from "../rows/engine-rows.ts";

/**
 * Lambda says that an engine's invocation failed: crash, time-out, out of memory, or never started. The record names the
 * session, whatever lease that has come to, and is good once: the session is gone afterwards.
 */
export async function onFailure(cluster: Cluster, record: OnFailureRecord): Promise<void> {
  const { engine: id, session } = record.requestPayload;
  for (;;) {
    const engine = await readEngine(cluster, id);
    if (engine?.session?.id !== session) return;
    const queues = await revokeSession(cluster, { ...engine, session: engine.session }, failureReason(record));
    if (!queues) continue;
    await place(cluster, queues);
    return;
  }
}

/** Lambda's words for the failure, cut to a line. */
function failureReason(record: OnFailureRecord): string {
  const payload = record.responsePayload;
  const told =
    typeof payload === "object" && payload !== null && "errorMessage" in payload ? payload.errorMessage : undefined;
  return (typeof told === "string" ? told : record.requestContext.condition).split("\n")[0]?.slice(0, 300) ?? "unknown";
}
