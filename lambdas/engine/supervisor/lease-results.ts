import type { HashedValue } from "../../adapters/pack.ts";
import type { TaskResult } from "../messages/worker-messages.ts";
import { judgedOutcome } from "../rules/judge-outcome.ts";
import type { LeaseClock } from "../rules/lease-clock.ts";
import type { LeaseProgress } from "./lease-progress.ts";
import type { ResultUploads } from "./result-uploads.ts";

/** Receives events about the results of a lease. */
export interface ResultListener {
  /** A result of this many bytes was stored, or could not be stored. */
  stored(bytes: number): void;
  /** A task ran for this many milliseconds. */
  ran(ms: number): void;
}

/** Turns the results of a lease's tasks into outcomes, once the blobs they refer to are stored. */
export class LeaseResults {
  readonly #progress: LeaseProgress;
  readonly #clock: LeaseClock;
  readonly #uploads: ResultUploads;
  readonly #listener: ResultListener;

  constructor(progress: LeaseProgress, clock: LeaseClock, uploads: ResultUploads, listener: ResultListener) {
    this.#progress = progress;
    this.#clock = clock;
    this.#uploads = uploads;
    this.#listener = listener;
  }

  take(result: TaskResult): void {
    if (result.blobs === undefined) this.#settle(result);
    else void this.#store(result, result.blobs);
  }

  async #store(result: TaskResult, blobs: readonly HashedValue[]): Promise<void> {
    this.#settle(await this.#uploads.store(result));
    this.#listener.stored(blobs.reduce((sum, { bytes }) => sum + bytes.byteLength, 0));
  }

  #settle(result: TaskResult): void {
    const { position, started, completed } = result;
    this.#listener.ran(completed - started);
    this.#progress.settle(position, judgedOutcome(result, this.#clock.causeOf(position), this.#clock.terms.limits));
  }
}
