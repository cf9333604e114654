import { epochNow } from "../messages/epoch-clock.ts";
import type { OutputStream, SharedOutput } from "../messages/shared-output.ts";
import type { FromWorker } from "../messages/worker-messages.ts";
import type { TaskRun } from "./task-run.ts";

/** The supervisor hears of a thread's output no more often than this. */
const PAUSE_MS = 100;

/**
 * Puts what tasks write where their supervisor reads it, and tells it that there is something to read. At once, if nothing was
 * told just before: a task that goes on without giving up the thread could not tell of it later.
 */
export class OutputTeller {
  readonly #post: (message: FromWorker) => void;
  readonly #shared: SharedOutput;
  #toldAt = 0;
  /** Who wrote last. */
  #latest: TaskRun | undefined;
  #later: NodeJS.Timeout | undefined;

  constructor(post: (message: FromWorker) => void, shared: SharedOutput) {
    this.#post = post;
    this.#shared = shared;
  }

  /** The run has written something, of which so much is kept. */
  readonly wrote = (run: TaskRun, stream: OutputStream, text: string, dropped: number): void => {
    this.#shared.append(run.position, stream, text, dropped);
    this.#latest = run;
    const wait = this.#toldAt + PAUSE_MS - epochNow();
    if (wait <= 0) this.#tell();
    else this.#later ??= setTimeout(() => this.#tell(), wait).unref();
  };

  #tell(): void {
    clearTimeout(this.#later);
    this.#later = undefined;
    const run = this.#latest;
    if (run === undefined || run.ended) return;
    this.#toldAt = epochNow();
    this.#post({ type: "output", position: run.position });
  }
}
