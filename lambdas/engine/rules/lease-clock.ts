import type { Grant } from "../../protocol/grant.ts";
import { HeartbeatPace } from "./heartbeat-pace.ts";
import type { InvocationTimes } from "./invocation-times.ts";
import { missedDeadline, type RunLimits, TaskKills } from "./kill-at-timeout.ts";
import type { LeaseAction } from "./lease-action.ts";
import type { LeaseSnapshot, RunningTask } from "./lease-snapshot.ts";
import type { Pace } from "./session-pace.ts";
import type { StopCause } from "./stop-cause.ts";

/** A lease that lasts this many times its target was sized wrongly: tasks that have not started return to the queue. */
const OVERRUN = 2;

/**
 * Tasks that joined a lease return to the queue after this many times the target. This is more than `OVERRUN`, because
 * returning them takes a separate report.
 */
const HELD_UP = 10;

/** Interval, in milliseconds, of checks for changes that no event announces. */
const LOOK_AGAIN_MS = 20;

/**
 * Run time of the current task, in milliseconds, after which more work is requested: shorter tasks end before the
 * answer comes.
 */
const ASK_AHEAD_MS = 10;

/** More work is requested once at most this many tasks, including the running one, have not ended. */
const ASK_AHEAD_TASKS = 2;

/** More work is also requested once the other tasks will take at most this many round trips. */
const ASK_AHEAD_TRIPS = 1.25;

/**
 * But not if they will take fewer round trips than this: a lease that ends sooner gains little, and its end reports all
 * of its outcomes at once.
 */
const LEAST_TRIPS = 0.25;

/** Nor for tasks shorter than this, in milliseconds: their rate is limited by the CPU, which more requests would use. */
const LEAST_MEAN_MS = 1;

/** The fixed terms of a lease. */
export interface LeaseTerms {
  times: InvocationTimes;
  limits: RunLimits;
  /** Target duration of the lease, in milliseconds. */
  aimMs: number;
  /** Whether tasks stay with this engine even if the lease lasts too long, because the user set the high-water mark. */
  isKept: boolean;
  /** Whether the lease may request more work before its end. */
  mayAskAhead: boolean;
  /** Whether more work was waiting when the lease was given. */
  isMoreWaiting: boolean;
}

/** The terms of a lease in an invocation with these times. */
export function leaseTerms(grant: Grant, times: InvocationTimes): LeaseTerms {
  const { runTimeoutMs, deadlineAt, aimMs, keep = false, ahead = false, more = false } = grant;
  return { times, limits: { runTimeoutMs, deadlineAt }, aimMs, isKept: keep, mayAskAhead: ahead, isMoreWaiting: more };
}

/**
 * Decides the actions that a lease needs at a given moment. It does no I/O: the caller passes a snapshot of the lease
 * and carries out the actions. It remembers the actions that it returned, so that once they are carried out, the same
 * moment yields no more.
 */
export class LeaseClock {
  readonly terms: LeaseTerms;
  readonly #kills: TaskKills;
  readonly #heartbeat: HeartbeatPace;
  #mayAskAhead: boolean;
  /** When the lease has lasted too long; unknown until its first task starts. */
  #overrunAt: number | undefined;

  constructor(terms: LeaseTerms, now: number) {
    this.terms = terms;
    this.#kills = new TaskKills(terms.limits, terms.times);
    this.#mayAskAhead = terms.mayAskAhead;
    this.#heartbeat = new HeartbeatPace(now);
  }

  /** The actions to carry out now, in order. Call again afterwards: one action may lead to the next. */
  actions(lease: LeaseSnapshot): LeaseAction[] {
    const kills = this.#kills.actions(lease);
    const cut = this.#cutWaiting(lease);
    if (cut) return [...kills, cut];
    return [...kills, ...(this.#reportPart(lease) ?? this.#askAhead(lease) ?? this.#beat(lease) ?? [])];
  }

  /** The latest time at which to call `actions` again. Always after `lease.now`. */
  nextLook(lease: LeaseSnapshot): number {
    const { now, running } = lease;
    const { times, limits } = this.terms;
    const next = [lease.memoryAt, ...this.#waitingLooks(lease)];
    if (running) next.push(this.#kills.nextAt(running));
    if (now < times.endsAt) next.push(times.endsAt);
    // A task that starts after this look cannot be late before then.
    if (limits.runTimeoutMs !== undefined) next.push(now + limits.runTimeoutMs);
    if (!lease.isReporting) next.push(this.#heartbeat.nextAt, this.#joinedCutAt(lease));
    if (running && this.#mayAskSoon(lease)) next.push(running.startedAt + ASK_AHEAD_MS);
    // At least one turn of the event loop, even if a time has passed and its action is in progress.
    return Math.max(Math.min(...next), now + (this.#kills.isKilling ? LOOK_AGAIN_MS : 1));
  }

  /** Stops the running task for a reason other than time or memory. */
  stop(task: Omit<RunningTask, "startedAt">, cause: StopCause, now: number): LeaseAction[] {
    return this.#kills.stop(task, cause, now);
  }

  /** Why the task was asked to stop; undefined if it was not. */
  causeOf(position: number): StopCause | undefined {
    return this.#kills.causeOf(position);
  }

  /** Records that the worker's thread has died. Returns the task for which it was killed, if any. */
  threadDied(): number | undefined {
    return this.#kills.threadDied();
  }

  /** Records that a partial report was answered. */
  reported(now: number): void {
    this.#heartbeat.postpone(now);
  }

  /** Records that the heartbeat was answered or has failed. */
  heartbeatOver(): void {
    this.#heartbeat.over();
  }

  /** Records that a task has new output. */
  hasOutput(now: number): void {
    this.#heartbeat.hurry(now);
  }

  /** Whether so few tasks are left that the lease should request more work. */
  isNearEnd(unended: number, pace: Pace): boolean {
    return this.#mayAskAhead && (unended <= ASK_AHEAD_TASKS || this.#isWithinTrip(unended, pace));
  }

  /** Whether the tasks that are left take about as long as the answer to a request for more. */
  #isWithinTrip(unended: number, { meanMs, roundTripMs }: Pace): boolean {
    if (!this.terms.isMoreWaiting || meanMs === undefined || roundTripMs === undefined) return false;
    if (meanMs < LEAST_MEAN_MS) return false;
    const trips = (unended * meanMs) / Math.max(1, roundTripMs);
    return trips >= LEAST_TRIPS && trips <= ASK_AHEAD_TRIPS;
  }

  /** Takes back tasks that may no longer start. */
  #cutWaiting({ now, hasWaiting }: LeaseSnapshot): LeaseAction | undefined {
    const { times, limits } = this.terms;
    if (!hasWaiting) return undefined;
    if (limits.deadlineAt !== undefined && now >= limits.deadlineAt)
      return { type: "endWaiting", cause: missedDeadline() };
    return now >= times.endsAt ? { type: "returnWaiting" } : undefined;
  }

  /** Reports outcomes while other tasks run, if they fill a report or the lease lasts too long. */
  #reportPart(lease: LeaseSnapshot): LeaseAction[] | undefined {
    const { now, open } = lease;
    if (lease.isReporting || open === 0) return undefined;
    const isLate = lease.hasWaiting && now >= this.#cutAt(lease);
    // Tasks that joined return to the queue with any partial report, because it does not name them.
    const holdsUp = now >= this.#joinedCutAt(lease);
    if (!isLate && !holdsUp && !lease.isFull) return undefined;
    const isKept = (this.terms.isKept || !isLate) && now < this.terms.times.leaveAt;
    this.#overrunAt = now + OVERRUN * this.terms.aimMs;
    if (isKept && !holdsUp && !lease.hasNews) return undefined;
    const report: LeaseAction = { type: "report", asksForMore: false };
    return isKept || !lease.hasWaiting ? [report] : [{ type: "returnWaiting" }, report];
  }

  /** While the last tasks run, reports the others and requests more work. */
  #askAhead(lease: LeaseSnapshot): LeaseAction[] | undefined {
    if (!this.#mayAskSoon(lease)) return undefined;
    const { now, running, unended } = lease;
    if (!this.#isWithinTrip(unended, lease) && (!running || now < running.startedAt + ASK_AHEAD_MS)) return undefined;
    this.#mayAskAhead = false;
    return [{ type: "report", asksForMore: true }];
  }

  #mayAskSoon(lease: LeaseSnapshot): boolean {
    const { now, unended, isReporting } = lease;
    const isLate = now >= this.terms.times.leaveAt;
    return this.isNearEnd(unended, lease) && !isReporting && !isLate;
  }

  #beat({ now, running, isReporting }: LeaseSnapshot): LeaseAction[] | undefined {
    if (isReporting || !this.#heartbeat.isDue(now)) return undefined;
    this.#heartbeat.sent(now, running?.position);
    return [{ type: "heartbeat", position: running?.position }];
  }

  #waitingLooks(lease: LeaseSnapshot): number[] {
    if (!lease.hasWaiting) return [];
    const { deadlineAt = Number.POSITIVE_INFINITY } = this.terms.limits;
    const cutAt = this.#cutAt(lease);
    // No event announces the start of the first task.
    if (cutAt === Number.POSITIVE_INFINITY) return [lease.now + LOOK_AGAIN_MS, deadlineAt];
    return lease.isReporting ? [deadlineAt] : [cutAt, deadlineAt];
  }

  /**
   * The time at which tasks that have not started return to the queue. It counts from the start of the first task,
   * because a cold environment starts its thread first: counted from the grant, a slow start would return every task,
   * again and again.
   */
  #cutAt(lease: LeaseSnapshot): number {
    if (!lease.hasBegun) return Number.POSITIVE_INFINITY;
    this.#overrunAt ??= lease.now + OVERRUN * this.terms.aimMs;
    return Math.min(this.#overrunAt, this.terms.times.leaveAt);
  }

  /**
   * The time at which tasks that joined the lease have waited too long behind the running ones: another engine may be
   * free for them.
   */
  #joinedCutAt(lease: LeaseSnapshot): number {
    const { joinedAt, open } = lease;
    if (joinedAt === undefined || open === 0) return Number.POSITIVE_INFINITY;
    return joinedAt + HELD_UP * this.terms.aimMs;
  }
}
