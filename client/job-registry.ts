import * as v from "valibot";
import { UnknownTask } from "../lambdas/protocol/errors.ts";
import { JobHeader } from "../lambdas/protocol/scheduler-messages.ts";
import { type Clock, pause } from "./clock.ts";
import type { CloudPort } from "./cloud-port.ts";
import { JobOutcomes } from "./outcome-store.ts";

/** A job that another process has just submitted may take so long to be seen. */
const GRACE_MS = 1000;
const GRACE_PAUSE_MS = 100;

/** The jobs that this process holds outcomes of, as long as somebody else holds them too. */
export class JobRegistry {
  readonly #cloud: CloudPort;
  readonly #clock: Clock;
  readonly #known = new Map<string, WeakRef<JobOutcomes>>();
  readonly #loading = new Map<string, Promise<JobOutcomes>>();
  readonly #collected = new FinalizationRegistry((job: string) => {
    if (!this.#known.get(job)?.deref()) this.#known.delete(job);
  });

  constructor(cloud: CloudPort, clock: Clock) {
    this.#cloud = cloud;
    this.#clock = clock;
  }

  add(outcomes: JobOutcomes): void {
    this.#known.set(outcomes.job, new WeakRef(outcomes));
    this.#collected.register(outcomes, outcomes.job);
  }

  known(job: string): JobOutcomes | undefined {
    return this.#known.get(job)?.deref();
  }

  /**
   * The job, by what is known here or else by its row.
   *
   * @throws UnknownTask when there is no such row, after a second's grace
   */
  load(job: string): Promise<JobOutcomes> {
    const known = this.known(job);
    if (known) return Promise.resolve(known);
    const loading = this.#loading.get(job) ?? this.#read(job).finally(() => this.#loading.delete(job));
    this.#loading.set(job, loading);
    return loading;
  }

  async #read(job: string): Promise<JobOutcomes> {
    const until = this.#clock.now() + GRACE_MS;
    for (;;) {
      const row = await this.#cloud.jobRow(job);
      if (row) {
        const outcomes = new JobOutcomes(job);
        outcomes.open(v.parse(JobHeader, JSON.parse(row.body)));
        this.add(outcomes);
        return outcomes;
      }
      if (this.#clock.now() >= until)
        throw new UnknownTask(`job ${job} is not known: never submitted, purged or expired`);
      await pause(this.#clock, GRACE_PAUSE_MS);
    }
  }
}
