import { randomBytes } from "node:crypto";
import type { BlobStore } from "../../adapters/blob-store.ts";
import type { Clock } from "../../adapters/clock.ts";
import type { ReportEndpoint } from "../../adapters/report-endpoint.ts";
import type { EndedChildren, EngineAnswer } from "../../protocol/engine-answer.ts";
import type { EngineEvent } from "../../protocol/engine-event.ts";
import { type Grant, parseGrant } from "../../protocol/grant.ts";
import { invocationTimes } from "../rules/invocation-times.ts";
import { SessionPace } from "../rules/session-pace.ts";
import { EarlyEndpoint } from "./early-endpoint.ts";
import type { Invocation } from "./invocation.ts";
import type { LeaseEnd } from "./lease-end.ts";
import type { LeasePart } from "./lease-progress.ts";
import { runLease } from "./lease-runner.ts";
import { gatherUnits } from "./lease-units.ts";
import { ParkedTasks } from "./parked-tasks.ts";
import type { TaskWorker } from "./task-worker.ts";
import type { UnitCache } from "./unit-cache.ts";
import { ViewService } from "./view-service.ts";

/**
 * The parts of a session: those that a warm environment keeps between invocations, and the session's access to the
 * cluster.
 */
export interface SessionParts {
  endpoint: ReportEndpoint;
  blobs: BlobStore;
  worker: TaskWorker;
  units: UnitCache;
  clock: Clock;
  /** Whether code sent by clients may run. */
  codeShipping: boolean;
  /** Milliseconds until Lambda ends the invocation. */
  leftMs: number;
}

/** The event that starts a session. Its first lease is parsed only when it may run. */
export type SessionEvent = Pick<EngineEvent, "engine" | "session"> & {
  grant?: unknown;
  token?: EngineEvent["token"] | undefined;
  signed?: EngineEvent["signed"] | undefined;
};

/**
 * Maximum age of a token, in milliseconds. An older token is not used: its event may have been delivered, or sent,
 * twice.
 */
const TOKEN_FRESH_MS = 1500;

/** Time, in milliseconds, after which a session whose first lease still runs is begun meanwhile. */
const BEGIN_AFTER_MS = 100;

/** The summary of an invocation. Lambda discards it, but logs and tests read it. */
export interface SessionSummary {
  end: "refused" | "idle" | "left";
  leases: number;
  tasks: number;
}

/**
 * Runs one invocation: opens the session, then runs and reports one lease after another until there is none, the
 * session is refused, or too little time is left for another task.
 *
 * @throws ClusterError if the report function fails for good. Lambda's record of the failed invocation then shows the
 *   scheduler at once that the lease is lost
 */
export async function runSession(event: SessionEvent, parts: SessionParts): Promise<SessionSummary> {
  const { worker, units, clock } = parts;
  const who = { engine: event.engine, session: event.session, nonce: randomBytes(16).toString("base64url") };
  const early = isFresh(event, clock.now()) ? new EarlyEndpoint(parts.endpoint, who, event.token) : undefined;
  const inner = early ?? parts.endpoint;
  const endpoint = passingOn(inner, (page) => views.ended(page));
  const views = new ViewService(inner, parts.blobs, who, clock);
  const parked = new ParkedTasks(endpoint, who, views, clock);
  worker.serveView = (call) => views.serve(call);
  const times = invocationTimes(clock.now(), parts.leftMs);
  const pace = new SessionPace();
  const invocation: Invocation = { ...parts, endpoint, who, times, pace, parked, views, have: () => units.hashes() };
  worker.warmUp();
  // If `begin` fails, so does the next message, which waits for it.
  const cancelBegin = early && clock.after(BEGIN_AFTER_MS, () => void early.begin().catch(() => undefined));
  try {
    return await runLeases(event, invocation, parts, early !== undefined);
  } finally {
    cancelBegin?.();
    parked.end();
    views.close();
  }
}

/** An endpoint that passes on the outcomes of children in its answers. */
function passingOn(endpoint: ReportEndpoint, ended: (page: EndedChildren) => void): ReportEndpoint {
  return {
    async send(message, signal) {
      const answer = await endpoint.send(message, signal);
      if ("ended" in answer && answer.ended !== undefined) ended(answer.ended);
      return answer;
    },
  };
}

/** Whether the first lease may run before the session has begun. */
function isFresh(event: SessionEvent, now: number): event is SessionEvent & { token: string } {
  const { grant, token, signed = 0 } = event;
  return grant !== undefined && token !== undefined && Math.abs(now - signed) <= TOKEN_FRESH_MS;
}

async function runLeases(
  event: SessionEvent,
  invocation: Invocation,
  { units, codeShipping }: SessionParts,
  isEarly: boolean,
): Promise<SessionSummary> {
  const { endpoint, parked } = invocation;
  const summary: SessionSummary = { end: "idle", leases: 0, tasks: 0 };
  // Without a token, this is sent before any user code runs: a duplicate delivery of the event is refused here.
  const granted = event.grant !== undefined;
  let answer: EngineAnswer = isEarly
    ? { type: "began" }
    : await endpoint.send({ type: "begin", ...invocation.who, have: invocation.have(), granted });
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
    // Without units, the worker refuses every sent function.
    const code = codeShipping
      ? await gatherUnits(grant, units, invocation.blobs, (hashes) => fetchUnits(hashes, invocation))
      : { sources: new Map(), missing: new Map() };
    const lease = await runLease(grant, code, invocation, carried);
    carried = undefined;
    if (lease.type === "refused") return { ...summary, end: "refused" };
    const leaving = invocation.clock.now() >= invocation.times.leaveAt;
    if (lease.ahead && !leaving && !lease.progress.isFull && lease.progress.parked === 0) {
      // The outcomes so far are reported together with those of the tasks that joined the lease.
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
  if (answer.type !== "lease" && answer.type !== "began") return undefined;
  return answer.grant ?? (delivered === undefined ? undefined : parseGrant(delivered));
}

/**
 * Reports the end of a lease, in several parts if it is long, and parks the tasks that wait for others. Resolves to the
 * last answer.
 */
async function reportEnd(
  lease: LeaseEnd & { type: "done" },
  leaving: boolean,
  invocation: Invocation,
): Promise<EngineAnswer> {
  const { endpoint, who, have, parked, clock, pace } = invocation;
  const { progress } = lease;
  // Tasks that joined the lease return to the queue, because the report does not name them.
  let isDue = progress.parked === 0 || progress.hasNews || lease.ahead !== undefined;
  for (let seq = lease.seq; ; isDue = progress.hasNews) {
    const part = progress.takePart();
    if (isDue || part.returned.length > 0) {
      const isLast = part.running.length === 0;
      const message = { type: "report", ...who, seq, ...part, leaving: leaving && isLast, have: have() } as const;
      const sent = clock.now();
      const answer = await endpoint.send(message);
      pace.answered(clock.now() - sent);
      if (isLast || answer.type !== "continue") return answer;
      seq = answer.seq;
    }
    if (progress.parked === 0 || progress.hasNews) continue;
    const answer = await endpoint.send({ type: "park", ...who, seq, leaving, have: have() });
    if (answer.type !== "refused") parked.noted();
    return answer;
  }
}

async function fetchUnits(hashes: string[], { endpoint, who }: Invocation) {
  const answer = await endpoint.send({ type: "fetch", ...who, units: hashes });
  return answer.type === "units" ? answer.units : [];
}
