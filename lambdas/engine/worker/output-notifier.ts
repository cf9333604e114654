import { epochNow } from "../messages/epoch-clock.ts";
import type { OutputStream, SharedOutput } from "../messages/shared-output.ts";
import type { FromWorker } from "../messages/worker-messages.ts";
import type { TaskRun } from "./task-run.ts";

/** Minimum interval between notices to the supervisor about new output, in milliseconds. */
const PAUSE_MS = 100;

/**
 * Writes tasks' output to the memory shared with the supervisor and notifies the supervisor at most every `PAUSE_MS`.
 * The first notice goes out immediately, because a task that then blocks the thread could not send one later.
 */
export class OutputNotifier {
  readonly #post: (message: FromWorker) => void;
  readonly #shared: SharedOutput;
  #notifiedAt = 0;
  /** The run that wrote last. */
  #latest: TaskRun | undefined;
  #later: NodeJS.Timeout | undefined;

  constructor(post: (message: FromWorker) => void, shared: SharedOutput) {
    this.#post = post;
    this.#shared = shared;
  }

  /** Records output of a run; `text` is the part of the output that is kept. */
  readonly wrote = (run: TaskRun, stream: OutputStream, text: string, dropped: number): void => {
    this.#shared.append(run.position, stream, text, dropped);
    this.#latest = run;
    const wait = this.#notifiedAt + PAUSE_MS - epochNow();
    if (wait <= 0) this.#notify();
    else this.#later ??= setTimeout(() => this.#notify(), wait).unref();
  };

  #notify(): void {
    clearTimeout(this.#later);
    this.#later = undefined;
    const run = this.#latest;
    if (run === undefined || run.ended) return;
    this.#notifiedAt = epochNow();
    this.#post({ type: "output", position: run.position });
  }
}
