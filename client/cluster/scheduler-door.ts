import type { SchedulerAnswer } from "../../lambdas/protocol/scheduler-messages.ts";
import { type Clock, pause } from "./clock.ts";
import type { CloudPort } from "./cloud-port.ts";
import { ClusterEnded } from "./cluster-ended.ts";

/** Attempts of one message, and the first pause between them; each further one is twice as long. */
const ATTEMPTS = 5;
const FIRST_PAUSE_MS = 100;

/** The scheduler as the client asks it. Messages carry their own ids, so one whose answer was lost is simply sent again. */
export class SchedulerDoor {
  readonly #cloud: CloudPort;
  readonly #clock: Clock;

  constructor(cloud: CloudPort, clock: Clock) {
    this.#cloud = cloud;
    this.#clock = clock;
  }

  /**
   * Sends a message until it is answered.
   *
   * @throws ClusterError when five attempts failed, or the cluster has ended
   */
  async ask(message: string): Promise<SchedulerAnswer> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#cloud.ask(message);
      } catch (error) {
        if (attempt === ATTEMPTS || error instanceof ClusterEnded) throw error;
        await pause(this.#clock, FIRST_PAUSE_MS * 2 ** (attempt - 1));
      }
    }
  }
}
