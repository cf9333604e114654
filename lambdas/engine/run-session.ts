import { randomBytes } from "node:crypto";
import type { BlobStore } from "../adapters/blob-store.ts";
import type { Door } from "../adapters/door.ts";
import type { EngineAnswer, EngineEvent, Grant } from "../protocol/report-messages.ts";
import { epochNow } from "./epoch-clock.ts";
import type { LeasePart } from "./lease-progress.ts";
import { type Engine, type LeaseEnd, runLease } from "./lease-runner.ts";
import { gatherUnits } from "./lease-units.ts";
import { parseGrant } from "./parse-grant.ts";
import type { TaskWorker } from "./task-worker.ts";
import { invocationTimes } from "./time-limits.ts";
import type { UnitCache } from "./unit-cache.ts";

/** What outlives an invocation in a warm environment, and how it reaches the world. */
export interface SessionParts {
  door: Door;
  blobs: BlobStore;
  worker: TaskWorker;
  units: UnitCache;
  /** Milliseconds that Lambda grants from now on. */
  leftMs: number;
}

/** What an invocation did; Lambda drops it, logs and tests read it. */
export interface SessionSummary {
  end: "refused" | "idle" | "left";
  leases: number;
  tasks: number;
}

/**
 * One invocation: opens the session, then runs a lease, reports it and is given the next, until there is
 * none, it is refused, or too little time is left for one more task.
 *
 * @throws when the door fails for good: the failed invocation tells the scheduler at once that the lease is lost
 */
export async function runSession(event: EngineEvent, parts: SessionParts): Promise<SessionSummary> {
  const { door, worker, units } = parts;
  const engine: Engine = {
    ...parts,
    who: { engine: event.engine, session: event.session, nonce: randomBytes(16).toString("base64url") },
    times: invocationTimes(epochNow(), parts.leftMs),
    have: () => units.hashes(),
  };
  const summary: SessionSummary = { end: "idle", leases: 0, tasks: 0 };
  worker.warmUp();
  // Before any of the user's code: a second delivery of the event ends here.
  const granted = event.grant !== undefined;
  let answer = await door.send({ type: "begin", ...engine.who, have: engine.have(), granted });
  let grant = grantOf(answer, event.grant);
  let carried: LeasePart | undefined;
  while (grant !== undefined) {
    summary.leases++;
    summary.tasks += grant.tasks.length;
    const code = await gatherUnits(grant, units, parts.blobs, (hashes) => fetchUnits(hashes, engine));
    const lease = await runLease(grant, code, engine, carried);
    carried = undefined;
    if (lease.type === "refused") return { ...summary, end: "refused" };
    const leaving = epochNow() >= engine.times.leaveAt;
    if (lease.ahead && !leaving && !lease.progress.isFull) {
      // What these brought is told with the tasks that joined them.
      grant = { ...lease.ahead, seq: lease.seq };
      carried = lease.progress.takePart();
      continue;
    }
    answer = await reportEnd(lease, leaving, engine);
    if (leaving) return { ...summary, end: answer.type === "refused" ? "refused" : "left" };
    grant = grantOf(answer, undefined);
  }
  return answer.type === "refused" ? { ...summary, end: "refused" } : summary;
}

function grantOf(answer: EngineAnswer, delivered: unknown): Grant | undefined {
  if (answer.type === "lease") return parseGrant(answer.grant);
  if (answer.type !== "began") return undefined;
  const grant = answer.grant ?? delivered;
  return grant === undefined ? undefined : parseGrant(grant);
}

/** Reports the end of a lease, in several parts when it is too long for one; resolves to the last answer. */
async function reportEnd(lease: LeaseEnd & { type: "done" }, leaving: boolean, engine: Engine): Promise<EngineAnswer> {
  const { door, who, have } = engine;
  for (let seq = lease.seq; ; ) {
    const part = lease.progress.takePart();
    const isLast = part.running.length === 0;
    const answer = await door.send({
      type: "report",
      ...who,
      seq,
      ...part,
      leaving: leaving && isLast,
      have: have(),
    });
    if (isLast || answer.type !== "continue") return answer;
    seq = answer.seq;
  }
}

async function fetchUnits(hashes: string[], { door, who }: Engine) {
  const answer = await door.send({ type: "fetch", ...who, units: hashes });
  return answer.type === "units" ? answer.units : [];
}
