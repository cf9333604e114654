import type { HashedValue } from "../../adapters/pack.ts";
import type { TaskResult } from "../messages/worker-messages.ts";
import { judgedOutcome } from "../rules/judge-outcome.ts";
import type { LeaseClock } from "../rules/lease-clock.ts";
import type { LeaseProgress } from "./lease-progress.ts";
import type { ResultUploads } from "./result-uploads.ts";

/** Turns the results of a lease's tasks into outcomes, once the blobs they refer to are stored. */
export class LeaseResults {
  readonly #progress: LeaseProgress;
  readonly #clock: LeaseClock;
  readonly #uploads: ResultUploads;
  readonly #stored: (bytes: number) => void;

  /** @param stored called with the size of a result that was stored, in bytes */
  constructor(progress: LeaseProgress, clock: LeaseClock, uploads: ResultUploads, stored: (bytes: number) => void) {
    this.#progress = progress;
    this.#clock = clock;
    this.#uploads = uploads;
    this.#stored = stored;
  }

  take(result: TaskResult): void {
    if (result.blobs === undefined) this.#settle(result);
    else void this.#store(result, result.blobs);
  }

  async #store(result: TaskResult, blobs: readonly HashedValue[]): Promise<void> {
    this.#settle(await this.#uploads.store(result));
    this.#stored(blobs.reduce((sum, { bytes }) => sum + bytes.byteLength, 0));
  }

  #settle(result: TaskResult): void {
    const { position } = result;
    this.#progress.settle(position, judgedOutcome(result, this.#clock.causeOf(position), this.#clock.terms.limits));
  }
}
