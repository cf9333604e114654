import { onAborted, throwIfAborted } from "../cluster/abortable.ts";
import type { Clock } from "../cluster/clock.ts";
import type { OutcomePoller } from "../outcomes/outcome-poller.ts";
import type { ResultPart } from "../outcomes/result-part.ts";

/** The parts of a client that wait for outcomes. */
export interface Waiting {
  clock: Clock;
  poller: OutcomePoller;
}

/** How to wait for tasks. */
export interface TaskWait {
  /** Maximum wait in milliseconds. 0: poll once; absent or negative: no limit. */
  timeoutMs?: number | undefined;
  /** Ends the wait, not the tasks. */
  signal?: AbortSignal | undefined;
  /** Ends the wait early if it returns true for a finished task. */
  until?: ((part: ResultPart, task: number) => boolean) | undefined;
}

/**
 * Waits until each task of the parts has an outcome.
 *
 * @returns false if the time ran out
 * @throws the signal's reason, or the error that keeps outcomes from arriving
 */
export async function waitForTasks(
  { clock, poller }: Waiting,
  parts: readonly ResultPart[],
  wait: TaskWait,
): Promise<boolean> {
  const { timeoutMs = -1, signal, until } = wait;
  throwIfAborted(signal);
  for (const { outcomes } of parts) {
    const failure = outcomes.hearFailure();
    if (failure) throw failure;
  }
  const missing = () => parts.reduce((sum, { outcomes, from, to }) => sum + outcomes.missingBetween(from, to), 0);
  if (missing() === 0 || (until && anyEnded(parts, until))) return true;
  if (timeoutMs === 0) {
    await Promise.all(parts.map(({ outcomes, from, to }) => poller.pollOnce(outcomes, from, to)));
    return missing() === 0 || (until !== undefined && anyEnded(parts, until));
  }
  return new Promise((resolve, reject) => {
    let left = missing();
    const releases: (() => void)[] = [];
    const release = () => {
      for (const end of releases.splice(0)) end();
    };
    const settle = (isDone: boolean) => {
      release();
      resolve(isDone);
    };
    const fail = (reason: unknown) => {
      release();
      reject(reason);
    };
    for (const part of parts) {
      const { outcomes, from, to } = part;
      const onEnd = (task: number) => {
        if (--left === 0 || until?.(part, task)) settle(true);
      };
      const onFailure = (reason: Error) => {
        outcomes.hearFailure();
        fail(reason);
      };
      releases.push(outcomes.waiters.add(from, to, onEnd, onFailure));
    }
    if (timeoutMs > 0) releases.push(clock.after(timeoutMs, () => settle(false)));
    if (signal) releases.push(onAborted(signal, () => fail(signal.reason)));
    for (const { outcomes } of parts) releases.push(poller.watch(outcomes));
  });
}

function anyEnded(parts: readonly ResultPart[], until: (part: ResultPart, task: number) => boolean): boolean {
  for (const part of parts)
    for (let task = part.from; task < part.to; task++)
      if (part.outcomes.isFinal(task) && until(part, task)) return true;
  return false;
}
