import { setImmediate as turn } from "node:timers/promises";
import type { Clock } from "../../client/cluster/clock.ts";

/** A clock that stands still until a test moves it. */
export class VirtualClock implements Clock {
  #now: number;
  #timers: { at: number; callback: () => void }[] = [];

  constructor(now = 1_700_000_000_000) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { at: this.#now + ms, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  get pending(): number {
    return this.#timers.length;
  }

  /** Advances the time and fires timers in order. What each callback starts may run before the next. */
  async advance(ms: number): Promise<void> {
    const target = this.#now + ms;
    await settle();
    for (;;) {
      const next = this.#timers.filter(({ at }) => at <= target).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.#timers = this.#timers.filter((other) => other !== next);
      this.#now = Math.max(this.#now, next.at);
      next.callback();
      await settle();
    }
    this.#now = target;
  }

  /** Advances the time in small steps until the promise is settled. */
  async until<T>(promise: PromiseLike<T>): Promise<T> {
    let isSettled = false;
    const settled = Promise.resolve(promise).finally(() => {
      isSettled = true;
    });
    settled.catch(() => {});
    for (let step = 0; !isSettled; step++) {
      if (step > 100_000) throw new Error("it does not settle, however late it gets");
      await this.advance(10);
    }
    return settled;
  }
}

/** Runs everything that waits for no timer. */
export async function settle(): Promise<void> {
  for (let round = 0; round < 5; round++) await turn();
}
