/** How far back the rate of a job is measured, in milliseconds. */
const WINDOW_MS = 30_000;
/** A rate over less time would jump. */
const LEAST_MS = 900;

/** How fast the tasks of a job end, and how long the others will take. */
export class Pace {
  readonly #points: { at: number; ended: number }[] = [];

  /** Records how many tasks have ended by a time in milliseconds. */
  note(at: number, ended: number): void {
    this.#points.push({ at, ended });
    while ((this.#points[1]?.at ?? at) <= at - WINDOW_MS) this.#points.shift();
  }

  /** Tasks that end in a second; undefined while too little is known. */
  get perSecond(): number | undefined {
    const [first, last] = [this.#points[0], this.#points.at(-1)];
    if (!first || !last || last.at - first.at < LEAST_MS) return undefined;
    return (Math.max(0, last.ended - first.ended) * 1000) / (last.at - first.at);
  }

  /** Milliseconds until `left` more tasks have ended at this rate; undefined if none end. */
  remainingMs(left: number): number | undefined {
    const { perSecond } = this;
    return perSecond ? Math.round((left / perSecond) * 1000) : undefined;
  }
}
