import type { Clock } from "../../adapters/clock.ts";
import { taskId } from "../../protocol/task-id.ts";
import type { LeaseBoard } from "../messages/lease-board.ts";
import { outputFields } from "../messages/shared-output.ts";
import type { TaskResult } from "../messages/worker-messages.ts";
import type { InvocationTimes } from "../rules/invocation-times.ts";
import { judgedOutcome, type TaskOutcome } from "../rules/judge-outcome.ts";
import { type RunLimits, stopOf } from "../rules/kill-at-timeout.ts";
import { lostTask, type StopCause } from "../rules/stop-cause.ts";
import type { Death, DetachedThread, LeaseListener } from "./lease-listener.ts";
import type { ResultUploads } from "./result-uploads.ts";

/** The facts about a parked task that come from its lease. */
export interface ParkedAbout {
  job: string;
  index: number;
  position: number;
  /** Epoch milliseconds. */
  startedAt: number;
  limits: RunLimits;
  times: InvocationTimes;
  board: LeaseBoard;
  uploads: ResultUploads;
  clock: Clock;
}

/**
 * A task that waits for tasks that it submitted. It keeps its thread. That thread survives if the thread of other tasks
 * dies. Its time limits still apply: waiting counts as running.
 */
export class ParkedTask implements LeaseListener {
  readonly id: string;
  readonly about: ParkedAbout;
  /** Resolves when the task has ended in any way. */
  readonly outcome: Promise<TaskOutcome>;
  readonly #thread: DetachedThread;
  #resolve: (outcome: TaskOutcome) => void = () => {};
  #cause: StopCause | undefined;
  #cancelTimer: () => void = () => {};
  /** Whether the task's result has arrived, so that the death of its thread no longer matters. */
  #hasResult = false;

  constructor(about: ParkedAbout, detach: (listener: LeaseListener) => DetachedThread) {
    this.about = about;
    this.id = taskId(about.job, about.index);
    this.outcome = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    this.#thread = detach(this);
    const { at, cause } = stopOf(about.startedAt, about.limits, about.times);
    this.#cancelTimer = about.clock.after(at - about.clock.now(), () => this.stop(cause));
  }

  /**
   * Raises the task's AbortSignal and kills its thread after the grace period, or at once if the task never read the
   * signal.
   */
  stop(cause: StopCause): void {
    if (this.#cause || this.#hasResult) return;
    this.#cause = cause;
    this.#cancelTimer();
    const { position, board, times, clock } = this.about;
    this.#thread.stop(position, cause.error.evalue);
    this.#cancelTimer = clock.after(board.isListening(position) ? times.graceMs : 0, () => this.kill());
  }

  kill(): void {
    this.#cancelTimer();
    this.#thread.kill();
  }

  results(results: TaskResult[]): void {
    for (const result of results) void this.#take(result);
  }

  async #take(result: TaskResult): Promise<void> {
    this.#hasResult = true;
    this.#cancelTimer();
    const { limits, uploads } = this.about;
    const stored = result.blobs && uploads.store(result);
    uploads.flush();
    this.#resolve(judgedOutcome((await stored) ?? result, this.#cause, limits));
  }

  done(): void {
    this.#thread.release();
  }

  waits(): void {}

  output(): void {}

  died({ message, written }: Death): void {
    this.#cancelTimer();
    if (this.#hasResult) return;
    const cause = this.#cause ?? lostTask(message);
    const { startedAt, position, clock } = this.about;
    this.#resolve({ ...cause, started: startedAt, completed: clock.now(), ...outputFields(written(position)) });
  }
}
