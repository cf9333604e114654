import { randomBytes } from "node:crypto";
import type { BlobStore } from "../../adapters/blob-store.ts";
import type { Clock } from "../../adapters/clock.ts";
import type { ReportEndpoint } from "../../adapters/report-endpoint.ts";
import type { EngineAnswer } from "../../protocol/engine-answer.ts";
import type { EngineEvent } from "../../protocol/engine-event.ts";
import { type Grant, parseGrant } from "../../protocol/grant.ts";
import type { WriteLog } from "../../protocol/log-events.ts";
import type { ReportMessage } from "../../protocol/report-messages.ts";
import { invocationTimes } from "../rules/invocation-times.ts";
import { SessionPace } from "../rules/session-pace.ts";
import { EarlyEndpoint } from "./early-endpoint.ts";
import type { EngineUsage } from "./engine-usage.ts";
import type { Invocation } from "./invocation.ts";
import type { LeaseEnd } from "./lease-end.ts";
import type { LeasePart } from "./lease-progress.ts";
import { runLease } from "./lease-runner.ts";
import { gatherUnits } from "./lease-units.ts";
import { ParkedTasks } from "./parked-tasks.ts";
import { type EngineMetrics, SessionLog } from "./session-log.ts";
import type { TaskWorker } from "./task-worker.ts";
import { tracedReports } from "./thread-traces.ts";
import type { UnitCache } from "./unit-cache.ts";
import { ViewService } from "./view-service.ts";

/**
 * The objects that a session gets from its environment, and the time that it gets from its invocation. A warm
 * environment keeps some of the objects from one invocation to the next.
 */
export interface SessionParts {
  endpoint: ReportEndpoint;
  blobs: BlobStore;
  worker: TaskWorker;
  units: UnitCache;
  clock: Clock;
  /** Counts what the environment uses. */
  usage: EngineUsage;
  /** Whether code sent by clients may run. */
  codeShipping: boolean;
  /** Milliseconds until Lambda ends the invocation. */
  leftMs: number;
  log: WriteLog;
  metrics: EngineMetrics;
}

/** The event that starts a session. Its first lease is parsed only when it may run. */
export type SessionEvent = Pick<EngineEvent, "engine" | "session"> & {
  grant?: unknown;
  token?: EngineEvent["token"] | undefined;
  signed?: EngineEvent["signed"] | undefined;
  answerMs?: EngineEvent["answerMs"] | undefined;
};

/**
 * Maximum age of a token, in milliseconds. An older token is not used: its event may have been delivered, or sent,
 * twice.
 */
const TOKEN_FRESH_MS = 1500;

/**
 * Maximum age of a token, in milliseconds, for the invocation to answer its caller. If the token is older, the caller
 * may have stopped waiting.
 */
const ANSWER_FRESH_MS = 100;

/** Time, in milliseconds, after which `begin` is sent if a first lease that was started early still runs. */
const BEGIN_AFTER_MS = 100;

/** The summary of an invocation. Lambda discards it, but logs and tests read it. */
export interface SessionSummary {
  end: "refused" | "idle" | "left";
  leases: number;
  tasks: number;
  /** The report on the only lease, if the caller waits for it. */
  report?: ReportMessage;
}

/**
 * Runs one invocation: opens the session, then runs and reports one lease after another until there is none and no task
 * is parked, the session is refused, or too little time is left for another task.
 *
 * @throws ClusterError if the report function fails for good. Lambda's record of the failed invocation then shows the
 *   scheduler at once that the lease is lost
 */
export async function runSession(event: SessionEvent, parts: SessionParts): Promise<SessionSummary> {
  const { worker, units, clock } = parts;
  const who = { engine: event.engine, session: event.session, nonce: randomBytes(16).toString("base64url") };
  const early = isFresh(event, clock.now())
    ? new EarlyEndpoint(parts.endpoint, who, event.token, answering(event, clock, worker))
    : undefined;
  const inner = early ?? parts.endpoint;
  const log = new SessionLog(parts.log, who, parts.metrics);
  const reports = tracedReports(
    passingOn(inner, parts.usage, () => views),
    worker,
    clock,
  );
  const endpoint = log.reports(reports);
  const views = new ViewService(inner, parts.blobs, who, clock);
  const parked = new ParkedTasks(endpoint, who, views, clock);
  worker.serveView = (call) => views.serve(call);
  const times = invocationTimes(clock.now(), parts.leftMs);
  const pace = new SessionPace();
  const kept = { times, pace, parked, views, log };
  const invocation: Invocation = { ...parts, ...kept, endpoint, who, have: () => units.hashes() };
  worker.warmUp();
  // If `begin` fails, so does the next message, because it waits for `begin`.
  const cancelBegin = early && clock.after(BEGIN_AFTER_MS, () => void early.begin().catch(() => undefined));
  try {
    const summary = await runLeases(event, invocation, parts, early !== undefined);
    if (summary.end === "refused") log.refused();
    return early?.kept ? { ...summary, report: early.kept } : summary;
  } finally {
    cancelBegin?.();
    parked.end();
    views.close();
    await worker.traces?.flush((ms, then) => clock.after(ms, then));
    parts.metrics.flush();
  }
}

/**
 * Wraps an endpoint: adds the usage to each report, notifies the views of progress, and passes outcomes in answers on
 * to the views that wait for them.
 */
function passingOn(
  endpoint: ReportEndpoint,
  usage: EngineUsage,
  views: () => Pick<ViewService, "ended" | "progressed">,
): ReportEndpoint {
  return {
    async send(message, signal) {
      const sent = message.type === "report" ? { ...message, used: usage.take() } : message;
      const answer = await endpoint.send(sent, signal);
      if (answer.type === "lease" || answer.type === "settled") views().progressed();
      if ("ended" in answer && answer.ended !== undefined) views().ended(answer.ended);
      return answer;
    },
  };
}

/** Whether the first lease may run before the session has begun. */
function isFresh(event: SessionEvent, now: number): event is SessionEvent & { token: string } {
  const { grant, token, signed = 0 } = event;
  return grant !== undefined && token !== undefined && Math.abs(now - signed) <= TOKEN_FRESH_MS;
}

/** Makes a function that returns whether the invocation's caller still waits for its answer. */
export function answering(
  { signed = 0, answerMs }: Pick<SessionEvent, "signed" | "answerMs">,
  clock: Pick<Clock, "now">,
  worker?: Pick<TaskWorker, "traces">,
): () => boolean {
  const received = clock.now();
  if (answerMs === undefined || Math.abs(received - signed) > ANSWER_FRESH_MS) return () => false;
  // The export of spans may take longer than the caller waits.
  return () => clock.now() - received <= answerMs && !worker?.traces?.isOn;
}

async function runLeases(
  event: SessionEvent,
  invocation: Invocation,
  { units, codeShipping }: SessionParts,
  isEarly: boolean,
): Promise<SessionSummary> {
  const { endpoint, parked, log } = invocation;
  const summary: SessionSummary = { end: "idle", leases: 0, tasks: 0 };
  // Unless the first lease runs early, `begin` is sent before any user code runs: a duplicate delivery of the event is
  // refused here.
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
    log.job = grant.job;
    summary.tasks += grant.tasks.length;
    // If code shipping is off, the worker refuses every sent function, so no code is needed.
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
    answer = await reportEnd(lease, leaving, invocation, grant.link);
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
 * Reports the end of a lease, in several parts if its outcomes do not fit one message. Then reports the tasks that wait
 * for others as parked. Resolves to the last answer.
 */
async function reportEnd(
  lease: LeaseEnd & { type: "done" },
  leaving: boolean,
  invocation: Invocation,
  link: string | undefined,
): Promise<EngineAnswer> {
  const { endpoint, who, have, parked, clock, pace } = invocation;
  const { progress } = lease;
  // A report is also due if tasks joined the lease: it does not name them, so they return to the queue.
  let isDue = progress.parked === 0 || progress.hasNews || lease.ahead !== undefined;
  for (let seq = lease.seq; ; isDue = progress.hasNews) {
    const part = progress.takePart();
    if (isDue || part.returned.length > 0) {
      const isLast = part.running.length === 0;
      const message = { type: "report", ...who, seq, ...part, leaving: leaving && isLast, have: have() } as const;
      const sent = clock.now();
      const answer = await endpoint.send(link === undefined ? message : { ...message, link });
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
