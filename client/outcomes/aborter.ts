import { rangesOf } from "../../lambdas/protocol/index-ranges.ts";
import type { AbortMessage } from "../../lambdas/protocol/scheduler-messages.ts";
import { refusal } from "../cluster/refusal.ts";
import type { SchedulerDoor } from "../cluster/scheduler-door.ts";
import type { JobOutcomes } from "./outcome-store.ts";
import type { ResultPart } from "./result-part.ts";
import type { UnawaitedFailures } from "./unawaited-failures.ts";

/** What takes back jobs that have not been sent. */
export interface Unsent {
  /** Takes a job with so many tasks back, if it can still be. @returns whether it was taken back */
  withdraw(outcomes: JobOutcomes, tasks: number): boolean;
}

/**
 * Aborts tasks. Jobs that have not been sent are taken back whole; of all others, what one turn of the event loop aborts
 * travels in one message, after the submissions it is about.
 */
export class Aborter {
  readonly #door: SchedulerDoor;
  readonly #unsent: Unsent;
  readonly #unawaited: Pick<UnawaitedFailures, "aborted">;
  #turn = new Map<JobOutcomes, Set<number>>();
  #sent: Promise<void> | undefined;

  constructor(door: SchedulerDoor, unsent: Unsent, unawaited: Pick<UnawaitedFailures, "aborted">) {
    this.#door = door;
    this.#unsent = unsent;
    this.#unawaited = unawaited;
  }

  /** Resolves when the scheduler has taken note. Tasks that have ended are left alone. */
  abort(parts: readonly ResultPart[]): Promise<void> {
    for (const { outcomes, from, to } of parts) {
      this.#unawaited.aborted(outcomes.job, from, to);
      const tasks = this.#turn.get(outcomes) ?? new Set<number>();
      this.#turn.set(outcomes, tasks);
      for (let task = from; task < to; task++) if (!outcomes.isFinal(task)) tasks.add(task);
    }
    // The latest first: what others depend on can be taken back once they are.
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
    const answer = await this.#door.ask(JSON.stringify({ type: "abort", jobs } satisfies AbortMessage));
    if (answer.type === "error") throw refusal(answer);
  }
}
