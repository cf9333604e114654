import { FantailError } from "../../lambdas/protocol/fantail-error.ts";
import type { SchedulerAnswer } from "../../lambdas/protocol/scheduler-answer.ts";
import { type Clock, pause } from "./clock.ts";
import type { CloudPort } from "./cloud-port.ts";

/**
 * Number of attempts to send one message, and the pause before the second in milliseconds. Each further pause is twice
 * as long as the one before.
 */
const ATTEMPTS = 5;
const FIRST_PAUSE_MS = 100;

/**
 * Sends messages to the scheduler. A message contains its own ids, so it is safe to send it again if the answer was
 * lost.
 */
export class SchedulerFunction {
  readonly #cloud: CloudPort;
  readonly #clock: Clock;

  constructor(cloud: CloudPort, clock: Clock) {
    this.#cloud = cloud;
    this.#clock = clock;
  }

  /** Charges these jobs with the client's usage since the last charge. */
  charge(jobs: readonly string[]): void {
    this.#cloud.ledger?.charge(jobs);
  }

  /**
   * Sends a message and repeats it after failures that may be temporary.
   *
   * @throws ClusterError after five failed attempts, or at once for a permanent failure, such as a cluster that ended
   */
  async ask(message: string): Promise<SchedulerAnswer> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#cloud.ask(message);
      } catch (error) {
        const remains = error instanceof FantailError && !error.retryable;
        if (attempt === ATTEMPTS || remains) throw error;
        await pause(this.#clock, FIRST_PAUSE_MS * 2 ** (attempt - 1));
      }
    }
  }
}
