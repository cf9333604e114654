import type { Entry, OutcomePage } from "../../lambdas/protocol/outcome-page.ts";
import type { AttemptRecord } from "./attempt-record.ts";

/** Facts that hold for all entries of a page. */
export type PageFacts = Pick<OutcomePage, "engine" | "pool" | "received">;

/**
 * The attempts of one job's tasks that were not final, and the next times at which the scheduler must act on the tasks.
 */
export class EarlierAttempts {
  readonly #attempts = new Map<number, AttemptRecord[]>();
  readonly #due = new Map<number, number>();

  /** The earlier attempts of a task. */
  of(task: number): readonly AttemptRecord[] {
    return this.#attempts.get(task) ?? [];
  }

  /** The times at which retries are due or requeued tasks expire, in epoch milliseconds. */
  due(): Iterable<number> {
    return this.#due.values();
  }

  /** Records that a task has ended: nothing is due for it any more. */
  ended(task: number): void {
    this.#due.delete(task);
  }

  /**
   * Records an attempt. Reading its page again has no effect.
   *
   * @param timeoutMs maximum time that the task may then wait in the queue
   */
  keep(entry: Entry, page: PageFacts, timeoutMs: number | undefined): void {
    const { index, attempt, status, value, error, started, completed } = entry;
    const { engine, pool, received } = page;
    const earlier = this.#attempts.get(index) ?? [];
    if (earlier.some((other) => other.attempt === attempt && other.received === received)) return;
    const record = { attempt, status, value, error, started, completed, received, engine, pool, ...outputOf(entry) };
    earlier.push(record);
    this.#attempts.set(index, earlier);
    const due = entry.due ?? (timeoutMs === undefined ? undefined : received + timeoutMs);
    if (due === undefined) this.#due.delete(index);
    else this.#due.set(index, due);
  }
}

/** An attempt's output. */
export function outputOf(entry: Entry): { stdout: string; stderr: string } {
  return { stdout: entry.stdout ?? "", stderr: entry.stderr ?? "" };
}
