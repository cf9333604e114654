import { type Engine, engineLoad } from "../../../core/engine.ts";
import { roomUnder } from "../../../core/placing/room.ts";
import type { EngineAnswer } from "../../../protocol/engine-answer.ts";
import type { ReportMessage } from "../../../protocol/report-messages.ts";
import { fillRoom } from "../../placing/fill-room.ts";
import { grantFor } from "../../placing/grant.ts";
import type { Moved } from "../../placing/move-on.ts";
import type { PlacingContext } from "../../placing/placing-context.ts";
import { startSession } from "../../placing/start-session.ts";
import type { Configured } from "../../ports/cluster-config.ts";
import { waitingAnswer } from "../../waiting/parked-aborts.ts";

/**
 * Answers the engine. If the engine has more room than before, reads its queues again first, now that its row shows the
 * room.
 */
export async function answerReport(
  cluster: PlacingContext,
  { engine, before, given, ahead }: Moved,
  message: ReportMessage,
  goesOn: boolean,
): Promise<EngineAnswer> {
  const goesIdle = engine.leases.length === 0;
  if (engine.session && engine.session.id !== message.session) await startSession(cluster, engine, engine.session);
  if (goesIdle || hasNewRoom(cluster, engine, before)) await fillRoom(cluster, before.queues);
  const lease = engine.leases[0];
  if (!lease && engine.session) return waitingAnswer(cluster, engine, engine.session.seq);
  if (!lease || engine.session?.id !== message.session) return { type: "idle" };
  const { seq } = engine.session;
  if (goesOn && !ahead) return { type: "continue", seq };
  if (ahead) {
    const joined = { engine: engine.id, lease: { ...lease, ranges: ahead.lease.ranges }, seq, more: ahead.more };
    return { type: "continue", seq, grant: await grantFor(cluster, joined, message.have, ahead.header) };
  }
  const next = given.find(({ header }) => header.id === lease.job);
  const granted = { engine: engine.id, lease, seq, more: next?.more };
  return { type: "lease", grant: await grantFor(cluster, granted, message.have, next?.header) };
}

/**
 * Whether a report made room on an engine that continues. Always false without a limit (hwm 0): new work does not wait
 * for room then.
 */
function hasNewRoom(cluster: Configured, engine: Engine, before: Engine): boolean {
  const { hwm } = cluster.config;
  const load = engineLoad(engine);
  return hwm !== 0 && roomUnder(hwm, load) > 0 && load < engineLoad(before);
}
