import type { JobListing } from "../history/job-summaries.ts";
import { JobReader } from "./job-reader.ts";
import type { Sample } from "./live-data.ts";
import { type Overview, OverviewReader } from "./overview-reader.ts";
import type { TaskPorts } from "./task-details.ts";
import type { Viewer } from "./viewer.ts";

/** Pause between two readings, in milliseconds: while tasks are unfinished, and otherwise. */
const PAUSE_MS = 1000;
const IDLE_PAUSE_MS = 3000;
/** Readings take at most a third of the time. */
const SHARE = 2;
/** Maximum number of samples that are kept for pages opened later. */
const MAX_SAMPLES = 600;

/** Polls a cluster while a page shows it, and sends the changes to the pages. */
export class LiveReadings {
  readonly #ports: JobListing & TaskPorts;
  readonly #viewers = new Set<Viewer>();
  readonly #jobs = new Map<string, JobReader>();
  #reader: OverviewReader;
  #samples: Sample[] = [];
  #cancel: (() => void) | undefined;
  #isReading = false;
  #isWanted = false;

  constructor(ports: JobListing & TaskPorts) {
    this.#ports = ports;
    this.#reader = new OverviewReader(ports);
  }

  /** Number of pages that are open. */
  get viewers(): number {
    return this.#viewers.size;
  }

  /** Sends readings to a page until the returned function is called. */
  show(viewer: Viewer): () => void {
    this.#viewers.add(viewer);
    this.soon();
    return () => {
      this.#viewers.delete(viewer);
      this.#forget();
    };
  }

  /** Reads now rather than after the pause. */
  soon(): void {
    this.#isWanted = true;
    if (this.#isReading || this.#viewers.size === 0) return;
    this.#cancel?.();
    void this.#readOn();
  }

  /** Drops the readers of jobs that no page shows, and ends the polling if no page is open. */
  #forget(): void {
    const looked = new Set(Array.from(this.#viewers, ({ job }) => job));
    for (const job of [...this.#jobs.keys()]) if (!looked.has(job)) this.#jobs.delete(job);
    if (this.#viewers.size > 0) return;
    this.#cancel?.();
    this.#cancel = undefined;
    this.#samples = [];
    this.#reader = new OverviewReader(this.#ports);
  }

  async #readOn(): Promise<void> {
    const { clock } = this.#ports;
    this.#isReading = true;
    this.#isWanted = false;
    const began = clock.now();
    const isBusy = await this.#read().catch((error: unknown) => {
      for (const viewer of this.#viewers) viewer.trouble(error);
      return false;
    });
    this.#isReading = false;
    if (this.#viewers.size === 0) return;
    const pause = Math.max(isBusy ? PAUSE_MS : IDLE_PAUSE_MS, SHARE * (clock.now() - began));
    this.#cancel = clock.after(this.#isWanted ? 0 : pause, () => void this.#readOn());
  }

  /** Reads once. Resolves to whether tasks are unfinished. */
  async #read(): Promise<boolean> {
    const overview = await this.#reader.read();
    this.#samples = [...this.#samples, overview.sample].slice(-MAX_SAMPLES);
    for (const viewer of this.#viewers) viewer.overview(overview, this.#samples);
    const jobs = new Set(Array.from(this.#viewers, ({ job }) => job));
    for (const job of jobs) if (job !== undefined) await this.#readJob(job, overview);
    const { queued, waiting, running } = overview.sample;
    return queued + waiting + running > 0;
  }

  async #readJob(job: string, overview: Overview): Promise<void> {
    const own = () => [...this.#viewers].filter((viewer) => viewer.job === job);
    try {
      const reader = this.#jobs.get(job) ?? new JobReader(this.#ports, await this.#ports.jobs.load(job));
      if (own().length > 0) this.#jobs.set(job, reader);
      const reading = await reader.read(this.#reader, overview);
      if (reading) for (const viewer of own()) viewer.showJob(reading);
    } catch (error) {
      for (const viewer of own()) viewer.trouble(error);
    }
  }
}
