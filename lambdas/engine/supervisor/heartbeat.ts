import type { EngineAnswer } from "../../protocol/report-messages.ts";

/** A lease is heard of at least this often in its first second, then less and less while the same task runs. */
const FIRST_MS = 1000;
const MOST_MS = 10_000;
/** What is written last comes with the outcome, when that follows at once. */
const SOON_MS = 100;

/** When the next heartbeat of a lease is due, and the one that is under way. */
export class Heartbeat {
  #pauseMs = FIRST_MS;
  #dueAt: number;
  #lastAt: number;
  #position: number | undefined;
  #underWay: AbortController | undefined;

  constructor(now: number) {
    this.#lastAt = now;
    this.#dueAt = now + FIRST_MS;
  }

  /** Epoch milliseconds; never, while one is under way. */
  get nextAt(): number {
    return this.#underWay ? Number.POSITIVE_INFINITY : this.#dueAt;
  }

  isDue(now: number): boolean {
    return now >= this.nextAt;
  }

  /** The door was spoken to just now. */
  postpone(now: number): void {
    this.#lastAt = now;
    this.#dueAt = now + this.#pauseMs;
  }

  /** There is something to tell: the next is due a second after the last one, or soon. */
  hurry(now: number): void {
    this.#dueAt = Math.min(this.#dueAt, Math.max(this.#lastAt + FIRST_MS, now + SOON_MS));
  }

  /** One that fails, and so is answered by nothing, is followed by the next: only its answer was of use. */
  send(
    now: number,
    position: number | undefined,
    ask: (signal: AbortSignal) => Promise<EngineAnswer>,
    answered: (answer: EngineAnswer | undefined) => void,
  ): void {
    this.#pauseMs = position === this.#position ? Math.min(MOST_MS, 2 * this.#pauseMs) : FIRST_MS;
    this.#position = position;
    this.postpone(now);
    const call = new AbortController();
    this.#underWay = call;
    const over = (answer?: EngineAnswer) => {
      this.#underWay = undefined;
      answered(answer);
    };
    ask(call.signal).then(over, () => over());
  }

  end(): void {
    this.#underWay?.abort();
  }
}
