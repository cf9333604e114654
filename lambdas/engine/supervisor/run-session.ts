import { randomBytes } from "node:crypto";
import type { BlobStore } from "../../adapters/blob-store.ts";
import type { Door } from "../../adapters/door.ts";
import type { EngineAnswer, EngineEvent, Grant } from "../../protocol/report-messages.ts";
import { epochNow } from "../messages/epoch-clock.ts";
import { invocationTimes } from "../rules/time-limits.ts";
import type { Invocation } from "./invocation.ts";
import type { LeasePart } from "./lease-progress.ts";
import { type LeaseEnd, runLease } from "./lease-runner.ts";
import { gatherUnits } from "./lease-units.ts";
import { ParkedTasks } from "./parked-tasks.ts";
import { parseGrant } from "./parse-grant.ts";
import type { TaskWorker } from "./task-worker.ts";
import type { UnitCache } from "./unit-cache.ts";
import { ViewService } from "./view-service.ts";

/** What outlives an invocation in a warm environment, and how it reaches the world. */
export interface SessionParts {
  door: Door;
  blobs: BlobStore;
  worker: TaskWorker;
  units: UnitCache;
  /** Claims that code which clients have sent may run. */
  codeShipping: boolean;
  /** Milliseconds that Lambda grants from now on. */
  leftMs: number;
}

/** The event that starts a session; its first lease is read only once the session has begun. */
export type SessionEvent = Pick<EngineEvent, "engine" | "session"> & { grant?: unknown };

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
export async function runSession(event: SessionEvent, parts: SessionParts): Promise<SessionSummary> {
  const { door, worker, units } = parts;
  const who = { engine: event.engine, session: event.session, nonce: randomBytes(16).toString("base64url") };
  const views = new ViewService(door, parts.blobs, who);
  const parked = new ParkedTasks(door, who, views);
  worker.serveView = (call) => views.serve(call);
  const times = invocationTimes(epochNow(), parts.leftMs);
  const invocation: Invocation = { ...parts, who, times, parked, views, have: () => units.hashes() };
  worker.warmUp();
  try {
    return await runLeases(event, invocation, parts);
  } finally {
    parked.end();
  }
}

async function runLeases(
  event: SessionEvent,
  invocation: Invocation,
  { units, codeShipping }: SessionParts,
): Promise<SessionSummary> {
  const { door, parked } = invocation;
  const summary: SessionSummary = { end: "idle", leases: 0, tasks: 0 };
  // Before any of the user's code: a second delivery of the event ends here.
  const granted = event.grant !== undefined;
  let answer = await door.send({ type: "begin", ...invocation.who, have: invocation.have(), granted });
  let grant = grantOf(answer, event.grant);
  let carried: LeasePart | undefined;
  for (;;) {
    if (grant === undefined && answer.type === "waiting") {
      parked.abort(answer.parked);
      answer = await parked.nextLease(invocation.have);
      grant = grantOf(answer, undefined);
    }
    if (grant === undefined) break;
    summary.leases++;
    summary.tasks += grant.tasks.length;
    // Without any the worker says of each function that it may not run.
    const code = codeShipping
      ? await gatherUnits(grant, units, invocation.blobs, (hashes) => fetchUnits(hashes, invocation))
      : { sources: new Map(), missing: new Map() };
    const lease = await runLease(grant, code, invocation, carried);
    carried = undefined;
    if (lease.type === "refused") return { ...summary, end: "refused" };
    const leaving = epochNow() >= invocation.times.leaveAt;
    if (lease.ahead && !leaving && !lease.progress.isFull && lease.progress.parked === 0) {
      // What these brought is told with the tasks that joined them.
      grant = { ...lease.ahead, seq: lease.seq };
      carried = lease.progress.takePart();
      continue;
    }
    answer = await reportEnd(lease, leaving, invocation);
    if (leaving && parked.isEmpty) return { ...summary, end: answer.type === "refused" ? "refused" : "left" };
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

/** Reports the end of a lease, in several parts when it is too long for one, and parks what is left of it; resolves to the last answer. */
async function reportEnd(
  lease: LeaseEnd & { type: "done" },
  leaving: boolean,
  invocation: Invocation,
): Promise<EngineAnswer> {
  const { door, who, have, parked } = invocation;
  const { progress } = lease;
  // What joined the lease ahead of time goes back by not being told of.
  let isDue = progress.parked === 0 || progress.hasNews || lease.ahead !== undefined;
  for (let seq = lease.seq; ; isDue = progress.hasNews) {
    const part = progress.takePart();
    if (isDue || part.returned.length > 0) {
      const isLast = part.running.length === 0;
      const message = { type: "report", ...who, seq, ...part, leaving: leaving && isLast, have: have() } as const;
      const answer = await door.send(message);
      if (isLast || answer.type !== "continue") return answer;
      seq = answer.seq;
    }
    if (progress.parked === 0 || progress.hasNews) continue;
    const answer = await door.send({ type: "park", ...who, seq, leaving, have: have() });
    if (answer.type !== "refused") parked.noted();
    return answer;
  }
}

async function fetchUnits(hashes: string[], { door, who }: Invocation) {
  const answer = await door.send({ type: "fetch", ...who, units: hashes });
  return answer.type === "units" ? answer.units : [];
}
