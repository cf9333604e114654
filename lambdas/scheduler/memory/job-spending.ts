import { LRUCache } from "lru-cache";

/**
 * Spending of jobs with a budget that this process has not added to their rows yet, in nano-dollars. It is added by the
 * call that next claims from or reads the job, so it takes no extra call.
 */
export class JobSpending {
  readonly #due: LRUCache<string, number>;
  /** Jobs whose budget is spent, and whose tasks this process has already ended or will end. */
  readonly #over: LRUCache<string, true>;
  /** Spending of jobs whose budget is spent, and whose remaining tasks this process still has to end. */
  readonly #toEnd = new Map<string, number>();

  /** @param remembered maximum number of jobs to remember */
  constructor(remembered: number) {
    this.#due = new LRUCache({ max: remembered });
    this.#over = new LRUCache({ max: remembered });
  }

  /** Adds an amount. A negative one takes back the charge of a page that was not written. */
  add(job: string, nanos: number): void {
    this.#due.set(job, (this.#due.get(job) ?? 0) + nanos);
  }

  /**
   * Takes the whole nano-dollars to add to the job's row: 0 or more, so that the spending in a row never decreases. The
   * caller must add them back if its write fails.
   */
  take(job: string): number {
    const whole = Math.max(0, Math.floor(this.#due.get(job) ?? 0));
    if (whole > 0) this.add(job, -whole);
    return whole;
  }

  /** Notes that the job's budget is spent, so that this process ends its remaining tasks once. */
  noteOver(job: string, spent: number): void {
    if (this.#over.has(job)) return;
    this.#over.set(job, true);
    this.#toEnd.set(job, spent);
  }

  /** Takes the jobs whose remaining tasks are to be ended, with their spending. */
  takeOver(): [job: string, spent: number][] {
    const jobs = [...this.#toEnd];
    this.#toEnd.clear();
    return jobs;
  }
}
