import { setImmediate as turn } from "node:timers/promises";
import type { Clock } from "../cluster/clock.ts";
import type { Flags } from "../flags/flags.ts";
import type { AsyncResult } from "../results/async-result.ts";
import { type ReadyFunction, submitApply } from "../submit/submission.ts";
import { BoundedQueue } from "./bounded-queue.ts";
import type { ViewPorts } from "./view-ports.ts";
import { ZippedInput } from "./zipped-input.ts";

/** The parts of a client that an `imap` uses. */
export interface ImapPorts extends ViewPorts {
  clock: Clock;
}

/** How many items may be submitted and not yet taken. */
interface Window {
  readonly size: number;
  /** Called each time that an item is taken. */
  take?(): void;
}

/** The outcome of one item. */
export type Arrival = { ok: true; value: unknown } | { ok: false; error: unknown };

/**
 * Number of items after which reading yields to the event loop, even if it never had to wait for the input. Items
 * submitted in one turn can share a job, whose memory is freed only as a whole.
 */
const TURN_ITEMS = 1000;

/** Submits each item of an input as soon as there is room for it, and holds the results until they are taken. */
export class ImapFeed {
  readonly #ports: ImapPorts;
  readonly #window: Window;
  readonly #queue: BoundedQueue<Arrival>;
  readonly #input: ZippedInput;
  readonly #running = new Set<AsyncResult<unknown, unknown>>();
  readonly #left: AbortSignal;
  #over: { error?: unknown } | undefined;

  /**
   * @param window decides how many items may be submitted and not yet taken
   * @param left aborted when the consumer has left the loop
   */
  constructor(ports: ImapPorts, sequences: readonly unknown[], window: Window, isOrdered: boolean, left: AbortSignal) {
    this.#ports = ports;
    this.#window = window;
    this.#queue = new BoundedQueue<Arrival>(() => window.size, isOrdered);
    this.#input = new ZippedInput(sequences, ports.clock);
    this.#left = left;
  }

  /** Why reading has ended; undefined while it continues. Has no error if the input has ended. */
  get over(): { error?: unknown } | undefined {
    return this.#over;
  }

  /** Stops reading input. Only the first call's reason counts. */
  end(how: { error?: unknown }): void {
    this.#over ??= how;
    this.#queue.end();
  }

  /** Drops the results that will not be taken. */
  close(): void {
    this.#queue.close();
  }

  /** Takes the next result; undefined after the last one. */
  async take(): Promise<{ value: Arrival } | undefined> {
    const next = await this.#queue.take();
    this.#window.take?.();
    return next;
  }

  /** Submits items until the input ends or fails. Never rejects. */
  async pump(fn: ReadyFunction, flagsOf: (place: number) => Flags): Promise<void> {
    try {
      for (let place = 0; (await this.#queue.room()) && !this.#over; place++) {
        if (place % TURN_ITEMS === TURN_ITEMS - 1) await turn();
        const row = await this.#input.next();
        if (row === undefined || this.#over || this.#left.aborted) break;
        const source = submitApply(this.#ports, fn, row, flagsOf(place));
        this.#queue.put(this.#arrival(this.#ports.results.of(source)));
      }
      this.end({});
    } catch (error) {
      this.end({ error });
    }
  }

  /** Aborts the items that have not finished. Never rejects. */
  async abortRest(): Promise<void> {
    const rest = [...this.#running];
    this.#running.clear();
    await Promise.all(rest.map((result) => result.abort().catch(() => {})));
  }

  /** Closes the input. Rejects if closing throws. */
  closeInput(): Promise<void> {
    return this.#input.close();
  }

  async #arrival(result: AsyncResult<unknown, unknown>): Promise<Arrival> {
    this.#running.add(result);
    try {
      return { ok: true, value: await result.get({ signal: this.#left }) };
    } catch (error) {
      return { ok: false, error };
    } finally {
      // When the loop is left, the waits end before the items are aborted.
      if (!this.#left.aborted) this.#running.delete(result);
    }
  }
}
