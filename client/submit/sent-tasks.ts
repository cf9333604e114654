import type { JobRegistry } from "../outcomes/job-registry.ts";
import type { JobOutcomes } from "../outcomes/outcome-store.ts";
import type { ResultPart } from "../outcomes/result-part.ts";
import type { SignalAborts } from "../outcomes/signal-aborts.ts";
import type { UnawaitedFailures } from "../outcomes/unawaited-failures.ts";
import type { SubmissionHistory } from "./submission-history.ts";
import type { TaskWaits } from "./task-waits.ts";

/** Who has to know of the tasks that a client sends. */
interface Listeners {
  jobs: JobRegistry;
  history: SubmissionHistory;
  signals: SignalAborts;
  unawaited: UnawaitedFailures;
  events: { submitted(outcomes: JobOutcomes): void };
}

/** Passes on which tasks one client sends: what holds their outcomes, aborts them, lists them and reports their failures. */
export class SentTasks {
  readonly jobs: JobRegistry;
  readonly #listeners: Listeners;

  constructor(listeners: Listeners) {
    this.jobs = listeners.jobs;
    this.#listeners = listeners;
  }

  /** Aborts the tasks when the signal is raised; at once if it has been. */
  guard(signal: AbortSignal | undefined, part: ResultPart): void {
    if (signal) this.#listeners.signals.guard(signal, part);
  }

  /** Lists tasks as submitted. Those of an idempotency key are listed once, as many as the scheduler says they are. */
  submitted(part: ResultPart, isKeyed = false): void {
    const { history, events, unawaited } = this.#listeners;
    const { outcomes } = part;
    events.submitted(outcomes);
    history.add(part, isKeyed);
    outcomes.submitted.catch((error: Error) => unawaited.refused(outcomes.job, part.from, part.to, error));
    if (!isKeyed) return;
    const resize = () => history.resized(outcomes.job, outcomes.header?.tasks ?? part.to);
    outcomes.submitted.then(resize, () => {});
  }

  /** Failures of tasks that these wait for are failures of these too, and are reported as such. */
  passOn(waits: TaskWaits | undefined): void {
    if (waits === undefined) return;
    const { unawaited } = this.#listeners;
    for (const { on } of waits.follow ? [...waits.after, waits.follow] : waits.after)
      for (const [job, from, to] of on) {
        unawaited.read(job, from, to);
        unawaited.expected(job, from, to);
      }
  }

  /** Failures of tasks in [from, to) need no report any more: they run again. */
  renewed(job: string, from: number, to: number): void {
    this.#listeners.unawaited.read(job, from, to);
  }
}
