import { epochNow } from "./epoch-clock.ts";
import type { TaskRun } from "./task-run.ts";
import type { FromWorker } from "./worker-messages.ts";

/** The supervisor hears of a thread's output no more often than this. */
const PAUSE_MS = 100;

/**
 * Tells the supervisor what the running task has written so far. At once, if nothing was told just before: a task that goes on
 * without giving up the thread could not be told of later.
 */
export class OutputTeller {
  readonly #post: (message: FromWorker) => void;
  #toldAt = 0;
  /** Who wrote last. */
  #latest: TaskRun | undefined;
  #later: NodeJS.Timeout | undefined;

  constructor(post: (message: FromWorker) => void) {
    this.#post = post;
  }

  /** The run has written something. */
  wrote(run: TaskRun): void {
    this.#latest = run;
    const wait = this.#toldAt + PAUSE_MS - epochNow();
    if (wait <= 0) this.#tell();
    else this.#later ??= setTimeout(() => this.#tell(), wait).unref();
  }

  #tell(): void {
    clearTimeout(this.#later);
    this.#later = undefined;
    const run = this.#latest;
    if (run === undefined || run.ended) return;
    this.#toldAt = epochNow();
    const [stdout, stderr] = [run.writtenSoFar("stdout"), run.writtenSoFar("stderr")];
    this.#post({ type: "output", position: run.position, stdout, stderr });
  }
}
