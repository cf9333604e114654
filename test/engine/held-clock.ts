import { engineClock } from "../../lambdas/engine/supervisor/engine-clock.ts";
import { VirtualClock } from "../client/virtual-clock.ts";

/** A supervisor's clock that stands still until a test moves it. Threads use the machine's clock. */
export class HeldClock extends VirtualClock {
  constructor() {
    super(engineClock.now());
  }

  /** Moves the time to `ms` milliseconds after now by the machine's clock, with which tasks record their start. */
  pass(ms: number): Promise<void> {
    return this.advance(Math.max(0, engineClock.now() - this.now()) + ms);
  }

  /** Moves the time in small steps until `isSo` returns true. Use it only for the supervisor's own actions. */
  async passUntil(isSo: () => boolean): Promise<void> {
    while (!isSo()) await this.advance(100);
  }
}
