import type { EncodedError, EntryStatus } from "../../protocol/outcome-page.ts";

/** How long a task whose AbortSignal was raised may go on before its thread is ended. */
export const STOP_GRACE_MS = 1000;

/** Kept free at the end of an invocation: the grace, and time to report. Shorter where the invocation is. */
const RESERVE_MS = 2500;
const RESERVE_SHARE = 0.25;
const GRACE_SHARE = 0.4;

/** A task may start while at least this part of the invocation is left, so every task has that much time. */
const TASK_SHARE = 0.5;

/** Times of one invocation, in epoch milliseconds. */
export interface InvocationTimes {
  /** No task starts after this, and no further lease is asked for. */
  leaveAt: number;
  /** Tasks that still run are stopped. */
  endsAt: number;
  graceMs: number;
  /** How long the invocation lasts at most. */
  lastsMs: number;
}

/** @param leftMs what Lambda grants from now on, asked at the invocation's start */
export function invocationTimes(now: number, leftMs: number): InvocationTimes {
  const reserve = Math.min(RESERVE_MS, leftMs * RESERVE_SHARE);
  return {
    leaveAt: now + leftMs * (1 - TASK_SHARE),
    endsAt: now + leftMs - reserve,
    graceMs: Math.min(STOP_GRACE_MS, reserve * GRACE_SHARE),
    lastsMs: leftMs,
  };
}

/** Why a task is stopped, and what it ends as. */
export interface StopCause {
  status: EntryStatus;
  error: EncodedError;
}

/** What limits the run of a lease's tasks. */
export interface RunLimits {
  runTimeoutMs?: number | undefined;
  deadlineAt?: number | undefined;
}

function cause(code: EncodedError["code"], status: EntryStatus, evalue: string): StopCause {
  return { status, error: { code, ename: code, evalue } };
}

export function ranTooLong(runTimeoutMs: number): StopCause {
  return cause("RunTimeout", "timeout", `the task ran longer than runTimeoutMs (${runTimeoutMs} ms)`);
}

export function missedDeadline(): StopCause {
  return cause("TaskTimeout", "timeout", "the task was not finished by its deadline");
}

export function outlivedInvocation(times: InvocationTimes): StopCause {
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

/** The engine, not the function, failed the task. */
export function lostTask(message: string): StopCause {
  return cause("EngineError", "lost", message);
}

/** The task outgrew its engine's memory. */
export function outOfMemory(message: string): StopCause {
  const { status, error } = lostTask(message);
  return { status, error: { ...error, memory: true } };
}

/** When a task that has started must be stopped, and as what. */
export function stopOf(startedAt: number, limits: RunLimits, times: InvocationTimes): { at: number; cause: StopCause } {
  const { runTimeoutMs, deadlineAt = Number.POSITIVE_INFINITY } = limits;
  const timeoutAt = runTimeoutMs === undefined ? Number.POSITIVE_INFINITY : startedAt + runTimeoutMs;
  const at = Math.min(timeoutAt, deadlineAt, times.endsAt);
  if (runTimeoutMs !== undefined && at === timeoutAt) return { at, cause: ranTooLong(runTimeoutMs) };
  return { at, cause: at === deadlineAt ? missedDeadline() : outlivedInvocation(times) };
}

/** What a task that ended by itself ends as after all, because it was late; undefined when it was in time. */
export function latenessOf(started: number, completed: number, limits: RunLimits): StopCause | undefined {
  const { runTimeoutMs, deadlineAt } = limits;
  if (runTimeoutMs !== undefined && completed - started > runTimeoutMs) return ranTooLong(runTimeoutMs);
  if (deadlineAt !== undefined && completed > deadlineAt) return missedDeadline();
  return undefined;
}
