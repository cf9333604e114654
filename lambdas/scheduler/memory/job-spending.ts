import { LRUCache } from "lru-cache";

/**
 * What this process has charged to jobs with a budget and not yet added to their rows, in nano-dollars. The process's
 * next claim of a job's tasks adds it, so that it needs no call of its own.
 */
export class JobSpending {
  readonly #due: LRUCache<string, number>;
  /** Jobs whose budget is spent, and whose tasks this process has ended or is about to end. */
  readonly #over: LRUCache<string, true>;
  /** Jobs whose budget is spent, with their spending, whose queued and waiting tasks are to be ended. */
  readonly #toEnd = new Map<string, number>();

  /** @param remembered maximum number of jobs to remember */
  constructor(remembered: number) {
    this.#due = new LRUCache({ max: remembered });
    this.#over = new LRUCache({ max: remembered });
  }

  /** Adds an amount, which may be negative: what a page that was not put would have charged. */
  add(job: string, nanos: number): void {
    this.#due.set(job, (this.#due.get(job) ?? 0) + nanos);
  }

  /**
   * Takes the whole nano-dollars that are to be added to the job's row: 0 or more, so that the sum in a row never falls.
   * The caller adds them again if its write fails.
   */
  take(job: string): number {
    const whole = Math.max(0, Math.floor(this.#due.get(job) ?? 0));
    if (whole > 0) this.add(job, -whole);
    return whole;
  }

  /** Notes that the job's budget is spent, so that the rest of its tasks is ended, once by each process. */
  noteOver(job: string, spent: number): void {
    if (this.#over.has(job)) return;
    this.#over.set(job, true);
    this.#toEnd.set(job, spent);
  }

  /** Takes the jobs whose tasks are to be ended, with what each has spent. */
  takeOver(): [job: string, spent: number][] {
    const jobs = [...this.#toEnd];
    this.#toEnd.clear();
    return jobs;
  }
}
