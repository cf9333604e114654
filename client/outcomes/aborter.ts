import { rangesOf } from "../../lambdas/protocol/index-ranges.ts";
import type { AbortMessage } from "../../lambdas/protocol/scheduler-messages.ts";
import { refusal } from "../cluster/refusal.ts";
import type { SchedulerFunction } from "../cluster/scheduler-function.ts";
import type { JobOutcomes } from "./outcome-store.ts";
import type { ResultPart } from "./result-part.ts";
import type { UnawaitedFailures } from "./unawaited-failures.ts";

/** Withdraws jobs that have not been sent. */
export interface Unsent {
  /** Withdraws a job of `tasks` tasks if none of it has been sent. Returns whether it was withdrawn. */
  withdraw(outcomes: JobOutcomes, tasks: number): boolean;
}

/**
 * Aborts tasks. Whole jobs that have not been sent are withdrawn. All other aborts of one turn of the event loop are
 * sent in one message, after the submissions of their tasks.
 */
export class Aborter {
  readonly #scheduler: SchedulerFunction;
  readonly #unsent: Unsent;
  readonly #unawaited: Pick<UnawaitedFailures, "aborted">;
  #turn = new Map<JobOutcomes, Set<number>>();
  #sent: Promise<void> | undefined;

  constructor(scheduler: SchedulerFunction, unsent: Unsent, unawaited: Pick<UnawaitedFailures, "aborted">) {
    this.#scheduler = scheduler;
    this.#unsent = unsent;
    this.#unawaited = unawaited;
  }

  /** Aborts the tasks that have not ended. Resolves when the scheduler has recorded the abort. */
  abort(parts: readonly ResultPart[]): Promise<void> {
    for (const { outcomes, from, to } of parts) {
      this.#unawaited.aborted(outcomes.job, from, to);
      const tasks = this.#turn.get(outcomes) ?? new Set<number>();
      this.#turn.set(outcomes, tasks);
      for (let task = from; task < to; task++) if (!outcomes.isFinal(task)) tasks.add(task);
    }
    // Start with the latest: a job can be withdrawn only after those that depend on it.
    for (const { outcomes } of [...parts].reverse()) {
      const { size = 0 } = this.#turn.get(outcomes) ?? {};
      if (size === 0 || this.#unsent.withdraw(outcomes, size)) this.#turn.delete(outcomes);
    }
    if (this.#turn.size === 0) return Promise.resolve();
    this.#sent ??= new Promise((resolve, reject) => {
      setImmediate(() => this.#send().then(resolve, reject));
    });
    return this.#sent;
  }

  async #send(): Promise<void> {
    const turn = [...this.#turn];
    this.#turn = new Map();
    this.#sent = undefined;
    const submitted = await Promise.allSettled(turn.map(([outcomes]) => outcomes.submitted));
    const jobs = turn
      .filter((_, at) => submitted[at]?.status === "fulfilled")
      .map(([{ job }, tasks]) => ({ job, ranges: rangesOf(tasks).map(([from, to]): [number, number] => [from, to]) }))
      .filter(({ ranges }) => ranges.length > 0);
    if (jobs.length === 0) return;
    const answer = await this.#scheduler.ask(JSON.stringify({ type: "abort", jobs } satisfies AbortMessage));
    if (answer.type === "error") throw refusal(answer);
  }
}
