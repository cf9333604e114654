import type { JobOutcomes } from "./outcome-store.ts";

/** Maximum run time of a short task, in milliseconds. */
const SHORT_MS = 40;

/**
 * Predicts whether a function's next lone task (the only task of its job) is short, from the last one that it ran. The
 * scheduler runs a short lone task before it answers the submission. A long one would delay the client's next
 * submission, and if it killed its process, this could go unnoticed for half a minute.
 */
export class LoneTasks {
  /**
   * Whether the last lone task of each function was short. No entry is removed: a client keeps the code units of all
   * functions too.
   */
  readonly #short = new Map<string, boolean>();
  #last: { code: string; outcomes: JobOutcomes } | undefined;

  /**
   * Whether the job's only task is probably short; false for the first lone task of a function.
   *
   * @param code identifies the function's code
   */
  next(outcomes: JobOutcomes, code: string): boolean {
    if (this.#last) this.#short.set(this.#last.code, isShort(this.#last.outcomes));
    this.#last = { code, outcomes };
    return this.#short.get(code) ?? false;
  }
}

function isShort(outcomes: JobOutcomes): boolean {
  const { started, completed } = outcomes.final(0) ?? {};
  return started !== undefined && completed !== undefined && completed - started <= SHORT_MS;
}
