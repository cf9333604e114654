import type { Engine } from "../../../core/engine.ts";
import { attemptIn, type Lease } from "../../../core/lease.ts";
import { type EngineAnswer, refused } from "../../../protocol/engine-answer.ts";
import type { JobHeader } from "../../../protocol/job-header.ts";
import type { ReportMessage } from "../../../protocol/report-messages.ts";
import type { RemembersFleet } from "../../memory/fleet-memory.ts";
import { type EngineInSession, rememberedSession, tokenSession } from "../../rows/held-session.ts";
import { jobHeader } from "../../rows/job-row.ts";
import { linkedSession } from "../../rows/lease-link.ts";
import type { SessionAccess } from "../../rows/row-access.ts";
import { answerAgain } from "./repeated-report.ts";

/** A report from the invocation that holds the engine's session, on its current lease. */
export interface VerifiedReport {
  message: ReportMessage;
  engine: EngineInSession;
  /** The engine as its row shows it, perhaps with an earlier lease of the session. */
  shown: Engine;
  lease: Lease;
  header: JobHeader;
}

/**
 * Checks the sender and the lease of a report. Returns the answer instead if the report is refused or was already
 * processed. Writes nothing.
 */
export async function verifyReport(
  cluster: SessionAccess,
  message: ReportMessage,
): Promise<VerifiedReport | { answer: EngineAnswer }> {
  const engine =
    (await tokenSession(cluster, message)) ??
    (await linkedSession(cluster, message)) ??
    (await rememberedSession(cluster, message));
  if (!engine) return { answer: refused("the session is over, or belongs to another invocation") };
  const { session } = engine;
  if (message.seq > 0 && message.seq === session.seq - 1)
    return { answer: await answerAgain(cluster, engine, message) };
  const job = engine.leases[0]?.job;
  return verifiedFor(cluster, message, engine, job === undefined ? undefined : await jobHeader(cluster, job));
}

/** Checks the lease of a report by the holder of the session. */
export function verifiedFor(
  { memory }: RemembersFleet,
  message: ReportMessage,
  engine: EngineInSession,
  header: JobHeader | undefined,
): VerifiedReport | { answer: EngineAnswer } {
  const lease = engine.leases[0];
  if (message.seq !== engine.session.seq || !lease)
    return { answer: refused(`lease ${message.seq} does not belong to the session`) };
  const strange = strangeness(lease, message);
  if (strange) return { answer: refused(strange) };
  const known = memory.fleet.engines.get(engine.id);
  const shown = known?.rev === engine.rev ? known : engine;
  return header ? { message, engine, shown, lease, header } : { answer: refused(`job ${lease.job} no longer exists`) };
}

/**
 * Describes what is wrong with a report; `undefined` if nothing is. A report may name each task of its lease once, and
 * no other task.
 */
function strangeness(lease: Lease, message: ReportMessage): string | undefined {
  const reported = [...message.entries.map(({ index }) => index), ...message.running];
  const stranger = reported.find((index) => attemptIn(lease, index) === undefined);
  if (stranger !== undefined) return `task ${stranger} is not in lease ${message.seq}`;
  if (new Set(reported).size < reported.length) return `the report on lease ${message.seq} names a task twice`;
  return undefined;
}
