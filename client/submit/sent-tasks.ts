import type { JobRegistry } from "../outcomes/job-registry.ts";
import type { JobOutcomes } from "../outcomes/outcome-store.ts";
import type { ResultPart } from "../outcomes/result-part.ts";
import type { SignalAborts } from "../outcomes/signal-aborts.ts";
import type { UnawaitedFailures } from "../outcomes/unawaited-failures.ts";
import type { SubmissionHistory } from "./submission-history.ts";
import type { TaskWaits } from "./task-waits.ts";

/** The parts of a client to inform about the tasks it sends. */
interface Listeners {
  jobs: JobRegistry;
  history: SubmissionHistory;
  signals: SignalAborts;
  unawaited: UnawaitedFailures;
  events: { submitted(outcomes: JobOutcomes): void };
}

/**
 * Informs the other parts of a client about the tasks that it sends: the parts that hold outcomes, abort tasks, list
 * them and report failures.
 */
export class SentTasks {
  readonly jobs: JobRegistry;
  readonly #listeners: Listeners;

  constructor(listeners: Listeners) {
    this.jobs = listeners.jobs;
    this.#listeners = listeners;
  }

  /** Aborts the tasks when the signal is aborted, or at once if it already is. */
  guard(signal: AbortSignal | undefined, part: ResultPart): void {
    if (signal) this.#listeners.signals.guard(signal, part);
  }

  /**
   * Lists tasks as submitted. Tasks under an idempotency key are listed once; the scheduler's answer says how many they
   * are.
   */
  submitted(part: ResultPart, isKeyed = false): void {
    const { history, events, unawaited } = this.#listeners;
    const { outcomes } = part;
    events.submitted(outcomes);
    history.add(part, isKeyed);
    // A job is refused as a whole: one listener is enough for all its tasks.
    if (part.from === 0) {
      const tasks = () => outcomes.header?.tasks ?? part.to;
      outcomes.submitted.catch((error: Error) => unawaited.refused(outcomes.job, 0, tasks(), error));
    }
    if (!isKeyed) return;
    const resize = () => history.resized(outcomes.job, outcomes.header?.tasks ?? part.to);
    outcomes.submitted.then(resize, () => {});
  }

  /**
   * Records that failures of tasks that others wait for need no report: what becomes of the waiting tasks depends on
   * them.
   */
  passOn(waits: TaskWaits | undefined): void {
    if (waits === undefined) return;
    const { unawaited } = this.#listeners;
    for (const { on } of waits.follow ? [...waits.after, waits.follow] : waits.after)
      for (const [job, from, to] of on) {
        unawaited.read(job, from, to);
        unawaited.expected(job, from, to);
      }
  }

  /** Records that failures of tasks in [from, to) need no report any more, because the tasks run again. */
  renewed(job: string, from: number, to: number): void {
    this.#listeners.unawaited.read(job, from, to);
  }
}
