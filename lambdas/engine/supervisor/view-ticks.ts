import { type Clock, pause } from "../../adapters/clock.ts";
import { ClusterError } from "../../protocol/errors.ts";

/** Minimum time between two ticks of a session, in milliseconds. Whatever is due is acted on that much later at most. */
const SHORTEST_GAP_MS = 1000;

/**
 * Sends the ticks of a session's views. A tick wakes the scheduler for everyone, so one serves all views that ask for
 * it meanwhile: the calls do not grow with the number of tasks that wait.
 */
export class ViewTicks {
  readonly #send: (parent: string) => Promise<unknown>;
  readonly #clock: Clock;
  readonly #closing = new AbortController();
  /** The last view's task, in whose name the next tick is sent: it is the likeliest to still run. */
  #parent = "";
  /** The next tick, until it is sent. */
  #next: Promise<unknown> | undefined;
  /** Resolves when the last tick was answered. */
  #last: Promise<unknown> = Promise.resolve();
  #earliest = 0;

  constructor(send: (parent: string) => Promise<unknown>, clock: Clock) {
    this.#send = send;
    this.#clock = clock;
  }

  /** Resolves to the answer to a tick that is sent after this call. */
  tick(parent: string): Promise<unknown> {
    this.#parent = parent;
    this.#next ??= this.#sendNext();
    return this.#next;
  }

  async #sendNext(): Promise<unknown> {
    await this.#last;
    const left = this.#earliest - this.#clock.now();
    if (left > 0) await pause(this.#clock, left, this.#closing.signal);
    this.#next = undefined;
    this.#earliest = this.#clock.now() + SHORTEST_GAP_MS;
    const sent = this.#send(this.#parent);
    this.#last = sent.catch(() => {});
    return sent;
  }

  /** Rejects the ticks that were not sent. */
  close(): void {
    this.#closing.abort(new ClusterError("the session is over"));
  }
}
