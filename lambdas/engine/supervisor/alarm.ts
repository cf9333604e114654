import type { Clock } from "../../adapters/clock.ts";

/** Wakes its waiter when it is rung, or after a time. If nothing waits when it is rung, the next wait ends at once. */
export class Alarm {
  readonly #clock: Clock;
  #isRung = false;
  #wake: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  ring(): void {
    this.#isRung = true;
    this.#wake?.();
  }

  /** Resolves at the next ring, `ms` milliseconds from now at the latest. */
  async wait(ms: number): Promise<void> {
    if (!this.#isRung) {
      let cancel = () => {};
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        cancel = this.#clock.after(ms, resolve);
      });
      cancel();
      this.#wake = undefined;
    }
    this.#isRung = false;
  }
}
