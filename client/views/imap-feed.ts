import { setImmediate as turn } from "node:timers/promises";
import type { Clock } from "../cluster/clock.ts";
import type { Flags } from "../flags/flags.ts";
import type { AsyncResult } from "../results/async-result.ts";
import { type ReadyFunction, submitApply } from "../submit/submission.ts";
import { BoundedQueue } from "./bounded-queue.ts";
import type { ViewPorts } from "./view-ports.ts";
import { ZippedInput } from "./zipped-input.ts";

/** What sends the items of an input, and waits for its end. */
export interface ImapPorts extends ViewPorts {
  clock: Clock;
}

/** What became of one item. */
export type Arrival = { ok: true; value: unknown } | { ok: false; error: unknown };

/** Items after which others get their turn, however fast the input: what one turn submits is one job, and is kept as long as any of it. */
const TURN_ITEMS = 1000;

/** Submits the items of an input, each when there is room for it, and holds their results until they are taken. */
export class ImapFeed {
  readonly #ports: ImapPorts;
  readonly #queue: BoundedQueue<Arrival>;
  readonly #input: ZippedInput;
  readonly #running = new Set<AsyncResult<unknown, unknown>>();
  readonly #left: AbortSignal;
  #over: { error?: unknown } | undefined;

  /**
   * @param bound most items under way
   * @param left raised when nobody takes results any more
   */
  constructor(ports: ImapPorts, sequences: readonly unknown[], bound: number, isOrdered: boolean, left: AbortSignal) {
    this.#ports = ports;
    this.#queue = new BoundedQueue<Arrival>(bound, isOrdered);
    this.#input = new ZippedInput(sequences, ports.clock);
    this.#left = left;
  }

  /** Why no more input is taken, when it is not; without an error at the input's end. */
  get over(): { error?: unknown } | undefined {
    return this.#over;
  }

  /** Takes no more input. The first reason counts. */
  end(how: { error?: unknown }): void {
    this.#over ??= how;
    this.#queue.end();
  }

  /** Forgets what nobody takes any more. */
  close(): void {
    this.#queue.close();
  }

  /** The next result; undefined when there is none. */
  take(): Promise<{ value: Arrival } | undefined> {
    return this.#queue.take();
  }

  /** Submits items until the input ends, or fails. Never rejects. */
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

  /** Aborts what still runs. Never rejects. */
  async abortRest(): Promise<void> {
    await Promise.all([...this.#running].map((result) => result.abort().catch(() => {})));
  }

  /** Closes the input; rejects with what that throws. */
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
      this.#running.delete(result);
    }
  }
}
