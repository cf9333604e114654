import type { EventSettings } from "../stack/deployment.ts";
import type { DestinationCondition } from "./destination-record.ts";
import type { Invocation } from "./environment.ts";
import type { InvocationOutcome } from "./function-failure.ts";
import { LambdaError } from "./lambda-error.ts";

/** Delays of Lambda's event queue. Tests shorten them, so as not to wait for minutes. */
export interface EventDelays {
  /**
   * Delay before the first retry of a failed event, in milliseconds; the second retry waits twice as long. Lambda waits
   * one minute.
   */
  retryMs: number;
  /**
   * Delay before a throttled event is tried again, in milliseconds. Doubles each time, up to 300 times as long. Lambda
   * waits one second.
   */
  throttleMs: number;
}

export const LAMBDA_DELAYS: EventDelays = { retryMs: 60_000, throttleMs: 1_000 };

export interface EventQueueParts {
  settings: EventSettings;
  delays: EventDelays;
  /** Returns how long the next delivery takes, in milliseconds. Default: no time. */
  deliveryMs?: (() => number) | undefined;
  /** Runs the function. Rejects with LambdaError if the function is throttled. */
  run: (event: Invocation) => Promise<InvocationOutcome>;
  /** Whether the function's concurrency is 0. If so, events are not retried. */
  isOff: () => boolean;
  /** Called with each discarded event. */
  giveUp: (event: GivenUp) => void;
}

export interface GivenUp {
  event: Invocation;
  condition: DestinationCondition;
  attempts: number;
  outcome: InvocationOutcome | undefined;
}

/** The asynchronous invocations of one function: accepts events at once, delivers them, and retries failed ones. */
export class EventQueue {
  readonly #parts: EventQueueParts;
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(parts: EventQueueParts) {
    this.#parts = parts;
  }

  accept(event: Invocation, delayMs = 0): void {
    const delivery = new Delivery(this.#parts, event, (again, ms) => this.#later(again, ms));
    const deliveryMs = this.#parts.deliveryMs?.() ?? 0;
    event.call?.delivers(deliveryMs);
    const afterMs = delayMs + deliveryMs;
    if (afterMs > 0) this.#later(delivery, afterMs);
    else void delivery.attempt();
  }

  /** Drops all pending retries and delayed events. */
  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  #later(delivery: Delivery, afterMs: number): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      void delivery.attempt();
    }, afterMs);
    this.#timers.add(timer);
  }
}

/** One event, from acceptance until it succeeds or is discarded. */
class Delivery {
  readonly #parts: EventQueueParts;
  readonly #event: Invocation;
  readonly #again: (delivery: Delivery, afterMs: number) => void;
  readonly #diesAt: number;
  #attempts = 0;
  #throttles = 0;
  #outcome: InvocationOutcome | undefined;

  constructor(parts: EventQueueParts, event: Invocation, again: (delivery: Delivery, afterMs: number) => void) {
    this.#parts = parts;
    this.#event = event;
    this.#again = again;
    this.#diesAt = Date.now() + parts.settings.maxAgeSeconds * 1000;
  }

  async attempt(): Promise<void> {
    const { delays, run, settings } = this.#parts;
    if (Date.now() >= this.#diesAt) return this.#giveUp("EventAgeExceeded");
    try {
      this.#outcome = await run(this.#event);
    } catch (error) {
      if (!(error instanceof LambdaError)) throw error;
      if (this.#parts.isOff()) return this.#giveUp("ZeroReservedConcurrency");
      // Throttling uses up no attempt: retry until the event is too old.
      this.#again(this, delays.throttleMs * Math.min(300, 2 ** this.#throttles++));
      return;
    }
    this.#attempts++;
    if (this.#outcome.status === "ok") return;
    if (this.#attempts > settings.maxRetries) return this.#giveUp("RetriesExhausted");
    this.#again(this, delays.retryMs * this.#attempts);
  }

  #giveUp(condition: DestinationCondition): void {
    this.#parts.giveUp({ event: this.#event, condition, attempts: this.#attempts, outcome: this.#outcome });
  }
}
