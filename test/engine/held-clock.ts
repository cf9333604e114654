import { engineClock } from "../../lambdas/engine/supervisor/engine-clock.ts";
import { VirtualClock } from "../client/virtual-clock.ts";

/** A supervisor's clock that stands still until a test moves it. Threads have the machine's. */
export class HeldClock extends VirtualClock {
  constructor() {
    super(engineClock.now());
  }

  /** Moves the time on until `ms` milliseconds after now by the machine's clock, at which tasks note their start. */
  pass(ms: number): Promise<void> {
    return this.advance(Math.max(0, engineClock.now() - this.now()) + ms);
  }

  /** Moves the time on, a little at a time, until it is so. Only for what the supervisor itself does. */
  async passUntil(isSo: () => boolean): Promise<void> {
    while (!isSo()) await this.advance(100);
  }
}
