import type { InvocationTimes } from "./invocation-times.ts";
import type { LeaseAction } from "./lease-action.ts";
import type { LeaseSnapshot, RunningTask } from "./lease-snapshot.ts";
import { outOfMemory, type StopCause, stopCause } from "./stop-cause.ts";

/** The time limits of a lease's tasks. */
export interface RunLimits {
  /** Maximum run time of each task, in milliseconds. */
  runTimeoutMs?: number | undefined;
  /** Deadline of all tasks, epoch milliseconds. */
  deadlineAt?: number | undefined;
}

/**
 * Stops the running task of a lease at its time limit: raises its AbortSignal and, if the task still runs after the
 * grace period, kills its thread. A task that never read its signal gets no grace period. Aborted tasks are stopped in
 * the same way; a task that outgrows the memory is killed at once.
 *
 * This class only decides on actions. The supervisor carries them out: `supervisor/task-worker.ts` terminates the
 * thread. `supervisor/parked-task.ts` does the same for tasks that wait in a thread of their own.
 */
export class TaskKills {
  readonly #limits: RunLimits;
  readonly #times: InvocationTimes;
  /** The tasks that must end early: why, and when their thread is to be killed. */
  readonly #stops = new Map<number, { cause: StopCause; killAt: number }>();
  /** The task for which the thread is being killed. */
  #killed: number | undefined;

  constructor(limits: RunLimits, times: InvocationTimes) {
    this.#limits = limits;
    this.#times = times;
  }

  /** The actions that stop or kill the running task now, if it exceeds a limit or its grace period is over. */
  actions({ now, running, memoryExceeded }: LeaseSnapshot): LeaseAction[] {
    if (!running) return [];
    const { at, cause } = stopOf(running.startedAt, this.#limits, this.#times);
    const actions = now >= at ? this.stop(running, cause, now) : [];
    if (memoryExceeded !== undefined) this.#add(running.position, outOfMemory(memoryExceeded), now);
    if (this.#mustKill(running.position, now)) actions.push({ type: "killThread" });
    return actions;
  }

  /** Asks a running task to stop. Only the first cause counts. */
  stop({ position, isListening }: Omit<RunningTask, "startedAt">, cause: StopCause, now: number): LeaseAction[] {
    // A task that never read its signal cannot react to it, so it gets no grace period.
    const grace = isListening ? this.#times.graceMs : 0;
    return this.#add(position, cause, now + grace) ? [{ type: "stop", position, cause }] : [];
  }

  /** When the running task is to be stopped or, if it was asked to stop, killed; in epoch milliseconds. */
  nextAt({ position, startedAt }: RunningTask): number {
    return this.#stops.get(position)?.killAt ?? stopOf(startedAt, this.#limits, this.#times).at;
  }

  /** Why the task must end early; undefined if it need not. */
  causeOf(position: number): StopCause | undefined {
    return this.#stops.get(position)?.cause;
  }

  /** Whether the thread is being killed and has not died yet. */
  get isKilling(): boolean {
    return this.#killed !== undefined;
  }

  /**
   * Records that the thread has died. Returns the task for which it was killed, if any; another may have been running
   * by then.
   */
  threadDied(): number | undefined {
    const killed = this.#killed;
    this.#killed = undefined;
    return killed;
  }

  /** Records why the task must end early, unless a cause is known already. Returns whether the cause was recorded. */
  #add(position: number, cause: StopCause, killAt: number): boolean {
    if (this.#stops.has(position)) return false;
    this.#stops.set(position, { cause, killAt });
    return true;
  }

  /** Whether the task has outlived its grace period and its thread is not being killed yet. */
  #mustKill(position: number, now: number): boolean {
    const killAt = this.#stops.get(position)?.killAt;
    if (killAt === undefined || now < killAt || this.isKilling) return false;
    this.#killed = position;
    return true;
  }
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

function ranTooLong(runTimeoutMs: number): StopCause {
  return stopCause("RunTimeout", "timeout", `the task ran longer than runTimeoutMs (${runTimeoutMs} ms)`);
}

/** The cause for a task that has not ended by its deadline. */
export function missedDeadline(): StopCause {
  return stopCause("TaskTimeout", "timeout", "the task did not finish by its deadline (deadlineMs)");
}

function outlivedInvocation(times: InvocationTimes): StopCause {
  const seconds = Math.round(times.lastsMs / 1000);
  return stopCause(
    "RunTimeout",
    "timeout",
    `the task was still running at the end of its engine's invocation, which lasts ${seconds} s`,
  );
}
