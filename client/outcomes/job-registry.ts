import { jobFacts } from "../../lambdas/core/job-state.ts";
import { UnknownTask } from "../../lambdas/protocol/errors.ts";
import type { JobHeader } from "../../lambdas/protocol/job-header.ts";
import { jobRow } from "../../lambdas/protocol/job-row.ts";
import { purgedRanges } from "../../lambdas/protocol/purged.ts";
import { type Clock, pause } from "../cluster/clock.ts";
import type { CloudPort } from "../cluster/cloud-port.ts";
import { JobOutcomes } from "./outcome-store.ts";

/** How long to wait, in milliseconds, until a job that another process has just submitted becomes visible. */
const GRACE_MS = 1000;
const GRACE_PAUSE_MS = 100;

/**
 * The jobs whose outcomes this process holds. The references are weak: the outcomes of a job are held for as long as
 * something else refers to them.
 */
export class JobRegistry {
  readonly #cloud: CloudPort;
  readonly #clock: Clock;
  readonly #known = new Map<string, WeakRef<JobOutcomes>>();
  readonly #onEnd: (outcomes: JobOutcomes, task: number) => void;
  readonly #loading = new Map<string, Promise<JobOutcomes>>();
  readonly #collected = new FinalizationRegistry((job: string) => {
    if (!this.#known.get(job)?.deref()) this.#known.delete(job);
  });

  /** @param onEnd called for each task of these jobs when this process learns that it has ended */
  constructor(cloud: CloudPort, clock: Clock, onEnd: (outcomes: JobOutcomes, task: number) => void) {
    this.#cloud = cloud;
    this.#clock = clock;
    this.#onEnd = onEnd;
  }

  /** Adds a job. Each task of a job may add it again. */
  add(outcomes: JobOutcomes): void {
    if (this.#known.get(outcomes.job)?.deref() === outcomes) return;
    outcomes.onEnd = this.#onEnd;
    this.#known.set(outcomes.job, new WeakRef(outcomes));
    this.#collected.register(outcomes, outcomes.job);
  }

  /**
   * The job, if this process holds it; otherwise undefined. Also undefined for a withdrawn job, to which only its own
   * results refer.
   */
  known(job: string): JobOutcomes | undefined {
    const outcomes = this.#known.get(job)?.deref();
    return outcomes?.isWithdrawn ? undefined : outcomes;
  }

  /** Whether the job was withdrawn before it was sent. */
  isWithdrawn(job: string): boolean {
    return this.#known.get(job)?.deref()?.isWithdrawn === true;
  }

  /**
   * The job: the one that this process holds, or else read from its row.
   *
   * @throws UnknownTask if there still is no such row after a second
   */
  load(job: string): Promise<JobOutcomes> {
    const known = this.known(job);
    if (known) return Promise.resolve(known);
    const loading = this.#loading.get(job) ?? this.#read(job).finally(() => this.#loading.delete(job));
    this.#loading.set(job, loading);
    return loading;
  }

  /** Like `load`, but resolves to `undefined` if there is no such job. */
  async find(job: string): Promise<JobOutcomes | undefined> {
    const known = this.known(job);
    if (known) return known;
    const row = await this.#cloud.jobRow(job);
    if (!row || !jobFacts(row).isKnown) return undefined;
    const outcomes = this.known(job) ?? new JobOutcomes(job);
    if (!outcomes.header) outcomes.open(jobRow.parse(row));
    outcomes.purged = purgedRanges(row.purged);
    this.add(outcomes);
    return outcomes;
  }

  /** Reads the header in a job's row, with what the scheduler wrote there; undefined if there is no row. */
  async stored(job: string): Promise<JobHeader | undefined> {
    const row = await this.#cloud.jobRow(job);
    return row && jobRow.parse(row);
  }

  /** Forgets a purged job. */
  forget(job: string): void {
    this.#known.delete(job);
  }

  async #read(job: string): Promise<JobOutcomes> {
    const until = this.#clock.now() + GRACE_MS;
    for (;;) {
      const outcomes = await this.find(job);
      if (outcomes) return outcomes;
      if (this.#clock.now() >= until)
        throw new UnknownTask(`job ${job} is unknown: it was never submitted, was purged, or has expired`);
      await pause(this.#clock, GRACE_PAUSE_MS);
    }
  }
}
