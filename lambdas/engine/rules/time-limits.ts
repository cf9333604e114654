import type { EncodedError, EntryStatus } from "../../protocol/outcome-page.ts";

/** Grace period, in milliseconds, between a task's AbortSignal and the end of its thread. */
const STOP_GRACE_MS = 1000;

/**
 * Time reserved at the end of an invocation for the grace period and the report, in milliseconds. Less if the
 * invocation is short.
 */
const RESERVE_MS = 2500;
const RESERVE_SHARE = 0.25;
const GRACE_SHARE = 0.4;

/** Tasks start only while this share of the invocation is left, so every task has at least that much time. */
const TASK_SHARE = 0.5;

/** Times of one invocation, in epoch milliseconds. */
export interface InvocationTimes {
  /** After this time no task starts and no lease is requested. */
  leaveAt: number;
  /** Running tasks are stopped at this time. */
  endsAt: number;
  graceMs: number;
  /** Maximum duration of the invocation, in milliseconds. */
  lastsMs: number;
}

/** @param leftMs milliseconds until Lambda ends the invocation */
export function invocationTimes(now: number, leftMs: number): InvocationTimes {
  const reserve = Math.min(RESERVE_MS, leftMs * RESERVE_SHARE);
  return {
    leaveAt: now + leftMs * (1 - TASK_SHARE),
    endsAt: now + leftMs - reserve,
    graceMs: Math.min(STOP_GRACE_MS, reserve * GRACE_SHARE),
    lastsMs: leftMs,
  };
}

/** Why a task is stopped, and its resulting outcome. */
export interface StopCause {
  status: EntryStatus;
  error: EncodedError;
}

/** The time limits of a lease's tasks. */
export interface RunLimits {
  runTimeoutMs?: number | undefined;
  deadlineAt?: number | undefined;
}

function cause(code: EncodedError["code"], status: EntryStatus, evalue: string): StopCause {
  return { status, error: { code, ename: code, evalue } };
}

function ranTooLong(runTimeoutMs: number): StopCause {
  return cause("RunTimeout", "timeout", `the task ran longer than runTimeoutMs (${runTimeoutMs} ms)`);
}

export function missedDeadline(): StopCause {
  return cause("TaskTimeout", "timeout", "the task was not finished by its deadline");
}

function outlivedInvocation(times: InvocationTimes): StopCause {
  const seconds = Math.round(times.lastsMs / 1000);
  return cause(
    "RunTimeout",
    "timeout",
    `the task was still running at the end of its engine's invocation, which lasts ${seconds} s`,
  );
}

export function abortedTask(hadStarted: boolean): StopCause {
  return cause("TaskAborted", "aborted", `the task was aborted ${hadStarted ? "while it ran" : "before it started"}`);
}

/**
 * The engine, not the function, failed the task.
 *
 * @param frames where the error was thrown that ended it, as lines of a stack
 */
export function lostTask(message: string, frames = ""): StopCause {
  const lost = cause("EngineError", "lost", message);
  if (frames === "") return lost;
  return { ...lost, error: { ...lost.error, traceback: `EngineError: ${message}${frames}` } };
}

/** The task outgrew its engine's memory. */
export function outOfMemory(message: string): StopCause {
  const { status, error } = lostTask(message);
  return { status, error: { ...error, memory: true } };
}

/** When a task that has started must be stopped, and why. */
export function stopOf(startedAt: number, limits: RunLimits, times: InvocationTimes): { at: number; cause: StopCause } {
  const { runTimeoutMs, deadlineAt = Number.POSITIVE_INFINITY } = limits;
  const timeoutAt = runTimeoutMs === undefined ? Number.POSITIVE_INFINITY : startedAt + runTimeoutMs;
  const at = Math.min(timeoutAt, deadlineAt, times.endsAt);
  if (runTimeoutMs !== undefined && at === timeoutAt) return { at, cause: ranTooLong(runTimeoutMs) };
  return { at, cause: at === deadlineAt ? missedDeadline() : outlivedInvocation(times) };
}

/** Why a task that ended by itself was too late; undefined if it was in time. */
export function latenessOf(started: number, completed: number, limits: RunLimits): StopCause | undefined {
  const { runTimeoutMs, deadlineAt } = limits;
  if (runTimeoutMs !== undefined && completed - started > runTimeoutMs) return ranTooLong(runTimeoutMs);
  if (deadlineAt !== undefined && completed > deadlineAt) return missedDeadline();
  return undefined;
}
