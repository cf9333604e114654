import { type Clock, pause } from "../../adapters/clock.ts";
import { ClusterError } from "../../protocol/errors.ts";
import type { SchedulerAnswer } from "../../protocol/scheduler-answer.ts";

/**
 * Minimum time between two ticks of a session, in milliseconds. The scheduler may act on due work up to this much
 * later.
 */
const MIN_GAP_MS = 1000;

/** Time without news for the session after which a tick is sent although nothing is known to be due, in milliseconds. */
const QUIET_MS = 2000;

/** Maximum time between two ticks of a session that asks for them, in milliseconds. It is the same for a client. */
const MAX_GAP_MS = 6000;

/**
 * Sends the ticks of a session's views. A tick makes the scheduler act on everything that is due, so one tick serves
 * all views that ask for one meanwhile, and the number of calls does not grow with the number of waiting tasks.
 *
 * A parked task may have no news for a long time, while the tasks that it waits for submit and run others. So if
 * nothing is known to be due, a tick is sent only once the whole session has had no news for two seconds, or has sent
 * no tick for six, or the scheduler has asked for one.
 */
export class ViewTicks {
  readonly #send: (parent: string) => Promise<SchedulerAnswer | undefined>;
  readonly #clock: Clock;
  readonly #closing = new AbortController();
  /**
   * Id of the task whose view asked last. The next tick is sent in its name, because that task is the most likely still
   * to run.
   */
  #parent = "";
  /** The next tick, until it is sent. */
  #next: Promise<unknown> | undefined;
  /** Resolves when the last tick was answered or has failed. */
  #last: Promise<unknown> = Promise.resolve();
  #earliest = 0;
  /** When the session last had news, and when it last sent a tick, epoch milliseconds. */
  #lastNews = 0;
  #lastSent = 0;
  /** When the scheduler wants the next tick, epoch milliseconds; infinity if it has not asked for one. */
  #wantedAt = Number.POSITIVE_INFINITY;

  constructor(send: (parent: string) => Promise<SchedulerAnswer | undefined>, clock: Clock) {
    this.#send = send;
    this.#clock = clock;
  }

  /** Records that the session has got work, or that one of its tasks has ended or submitted something. */
  news(): void {
    this.#lastNews = this.#clock.now();
  }

  /**
   * Resolves to the answer to a tick that is sent after this call. If none is needed yet, resolves to an answer that
   * says when to ask again.
   *
   * @param isDue whether something is due as far as the view knows
   */
  tick(parent: string, isDue: boolean): Promise<unknown> {
    const left = this.#neededAt - this.#clock.now();
    if (!isDue && left > 0) return Promise.resolve({ type: "ok", again: left } satisfies SchedulerAnswer);
    this.#parent = parent;
    this.#next ??= this.#sendNext();
    return this.#next;
  }

  get #neededAt(): number {
    const quiet = Math.max(this.#lastNews, this.#lastSent) + QUIET_MS;
    return Math.min(quiet, this.#lastSent + MAX_GAP_MS, this.#wantedAt);
  }

  async #sendNext(): Promise<unknown> {
    await this.#last;
    const left = this.#earliest - this.#clock.now();
    if (left > 0) await pause(this.#clock, left, this.#closing.signal);
    this.#next = undefined;
    this.#lastSent = this.#clock.now();
    this.#earliest = this.#lastSent + MIN_GAP_MS;
    this.#wantedAt = Number.POSITIVE_INFINITY;
    const sent = this.#send(this.#parent).then((answer) => this.#answered(answer));
    this.#last = sent.catch(() => {});
    return sent;
  }

  #answered(answer: SchedulerAnswer | undefined): SchedulerAnswer | undefined {
    if (answer?.type === "ok" && answer.again !== undefined) this.#wantedAt = this.#clock.now() + answer.again;
    return answer;
  }

  /** Rejects the ticks that were not sent. */
  close(): void {
    this.#closing.abort(
      new ClusterError(
        "the engine's session ended before it could ask the scheduler to continue a job: the scheduler continues it on its own within a minute",
      ),
    );
  }
}
