import { addUsage, noUsage, type Usage } from "../../lambdas/protocol/usage.ts";

/** Number of jobs whose usage a client keeps. */
const JOBS = 10_000;

/**
 * A client's own usage of AWS, by job: its requests, what the scheduler reports in its answers, and the bytes received.
 * Usage that no job has been charged with is charged by the next call of `charge`.
 */
export class JobLedger {
  #uncharged = noUsage();
  readonly #jobs = new Map<string, Usage>();

  add(used: Readonly<Usage>): void {
    addUsage(this.#uncharged, used);
  }

  /** Charges all usage since the last charge to these jobs, in equal shares. Without jobs, nothing is charged. */
  charge(jobs: readonly string[]): void {
    const used = this.#uncharged;
    if (jobs.length === 0) return;
    this.#uncharged = noUsage();
    for (const job of jobs) {
      const sum = this.#jobs.get(job) ?? noUsage();
      addUsage(sum, used, 1 / jobs.length);
      this.#jobs.set(job, sum);
      const [oldest] = this.#jobs.keys();
      if (this.#jobs.size > JOBS && oldest !== undefined) this.#jobs.delete(oldest);
    }
  }

  /** This client's usage for a job. */
  of(job: string): Readonly<Usage> {
    return this.#jobs.get(job) ?? noUsage();
  }
}
