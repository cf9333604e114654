import type { Grant } from "../../protocol/grant.ts";
import { HeartbeatPace } from "./heartbeat-pace.ts";
import { holdsUpAt } from "./holds-up.ts";
import type { InvocationTimes } from "./invocation-times.ts";
import { missedDeadline, type RunLimits, TaskKills } from "./kill-at-timeout.ts";
import type { LeaseAction } from "./lease-action.ts";
import type { LeaseSnapshot, RunningTask } from "./lease-snapshot.ts";
import type { Pace } from "./session-pace.ts";
import type { StopCause } from "./stop-cause.ts";

/**
 * Once a lease has lasted this many times its target, its unstarted tasks return to the queue, unless the user set the
 * high-water mark.
 */
const OVERRUN = 2;

/**
 * Tasks that joined a lease return to the queue once they have waited this many times the lease's target duration. This
 * is more than `OVERRUN`, because returning them takes a separate report.
 */
const HELD_UP = 10;

/** Interval, in milliseconds, at which to poll for changes that no event announces. */
const POLL_MS = 20;

/**
 * While at most `ASK_AHEAD_TASKS` tasks are left, more work is requested once the current one has run this long, in
 * milliseconds: shorter tasks end before the answer comes.
 */
const ASK_AHEAD_MS = 10;

/** More work is requested once at most this many tasks, including the running one, have not ended. */
const ASK_AHEAD_TASKS = 2;

/**
 * More work is also requested once the remaining tasks of the lease will take at most this many round trips to the
 * report function.
 */
const ASK_AHEAD_TRIPS = 1.25;

/**
 * `ASK_AHEAD_TRIPS` applies only if the remaining tasks will take at least this many round trips: a lease that ends
 * sooner gains little, and its end reports all of its outcomes at once.
 */
const MIN_TRIPS = 0.25;

/**
 * `ASK_AHEAD_TRIPS` applies only to tasks that take at least this long, in milliseconds: the CPU limits the rate of
 * shorter ones, and more requests would use more of it.
 */
const MIN_MEAN_MS = 1;

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
 * and carries out the actions. It remembers which actions it has returned.
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
  nextCheck(lease: LeaseSnapshot): number {
    const { now, running } = lease;
    const { times, limits } = this.terms;
    const next = [lease.memoryAt, ...this.#waitingChecks(lease)];
    if (running) next.push(this.#kills.nextAt(running));
    if (now < times.endsAt) next.push(times.endsAt);
    // A task that starts after this check reaches its time limit no earlier than that.
    if (limits.runTimeoutMs !== undefined) next.push(now + limits.runTimeoutMs);
    if (!lease.isReporting) next.push(this.#heartbeat.nextAt, this.#joinedCutAt(lease));
    if (running && this.#mayAskSoon(lease)) next.push(running.startedAt + ASK_AHEAD_MS);
    // Wait at least 1 ms, even if the time of an action has passed, because the action may still be in progress.
    return Math.max(Math.min(...next), now + (this.#kills.isKilling ? POLL_MS : 1));
  }

  /** Returns the actions that stop the running task for a reason other than time or memory. */
  stop(task: Omit<RunningTask, "startedAt">, cause: StopCause, now: number): LeaseAction[] {
    return this.#kills.stop(task, cause, now);
  }

  /** Why the task must end early; undefined if it need not. */
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

  /** Whether so few tasks are left that the lease may request more work. */
  isNearEnd(unended: number, pace: Pace): boolean {
    return this.#mayAskAhead && (unended <= ASK_AHEAD_TASKS || this.#isWithinTrip(unended, pace));
  }

  /**
   * Whether more work was waiting, and the tasks that are left take about as long as the answer to a request for it.
   */
  #isWithinTrip(unended: number, { meanMs, roundTripMs }: Pace): boolean {
    if (!this.terms.isMoreWaiting || meanMs === undefined || roundTripMs === undefined) return false;
    if (meanMs < MIN_MEAN_MS) return false;
    const trips = (unended * meanMs) / Math.max(1, roundTripMs);
    return trips >= MIN_TRIPS && trips <= ASK_AHEAD_TRIPS;
  }

  /**
   * Decides what becomes of unstarted tasks: they time out at the deadline, and return to the queue when the invocation
   * ends.
   */
  #cutWaiting({ now, hasWaiting }: LeaseSnapshot): LeaseAction | undefined {
    const { times, limits } = this.terms;
    if (!hasWaiting) return undefined;
    if (limits.deadlineAt !== undefined && now >= limits.deadlineAt)
      return { type: "endWaiting", cause: missedDeadline() };
    return now >= times.endsAt ? { type: "returnWaiting" } : undefined;
  }

  /**
   * Reports outcomes before the end of the lease if they fill a report, the lease lasts too long, or tasks that joined
   * it have waited too long. A lease that lasts too long also returns its unstarted tasks, unless it keeps them.
   */
  #reportPart(lease: LeaseSnapshot): LeaseAction[] | undefined {
    const { now, open } = lease;
    if (lease.isReporting || open === 0) return undefined;
    const isLate = lease.hasWaiting && now >= this.#cutAt(lease);
    // Any partial report returns the tasks that joined to the queue, because it does not name them.
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
    const { now, running, unended, isReporting } = lease;
    const isLate = now >= this.terms.times.leaveAt;
    // A task that waits for its own tasks is parked, and the message that parks it also requests work.
    if (running?.hasView) return false;
    return this.isNearEnd(unended, lease) && !isReporting && !isLate;
  }

  #beat({ now, running, isReporting }: LeaseSnapshot): LeaseAction[] | undefined {
    if (isReporting || !this.#heartbeat.isDue(now)) return undefined;
    this.#heartbeat.sent(now, running?.position);
    return [{ type: "heartbeat", position: running?.position }];
  }

  #waitingChecks(lease: LeaseSnapshot): number[] {
    if (!lease.hasWaiting) return [];
    const { deadlineAt = Number.POSITIVE_INFINITY } = this.terms.limits;
    const cutAt = this.#cutAt(lease);
    // No event announces the start of the first task.
    if (cutAt === Number.POSITIVE_INFINITY) return [lease.now + POLL_MS, deadlineAt];
    return lease.isReporting ? [deadlineAt] : [cutAt, deadlineAt];
  }

  /**
   * The time from which the lease lasts too long. It counts from the start of the first task, because a cold
   * environment starts its thread first. If it counted from the grant, a slow start would return every task to the
   * queue repeatedly.
   */
  #cutAt(lease: LeaseSnapshot): number {
    if (!lease.hasBegun) return Number.POSITIVE_INFINITY;
    this.#overrunAt ??= lease.now + OVERRUN * this.terms.aimMs;
    return Math.min(this.#overrunAt, holdsUpAt(lease, this.terms), this.terms.times.leaveAt);
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
