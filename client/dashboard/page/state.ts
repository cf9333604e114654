import type { StreamEvent } from "../event-stream.ts";
import { JobTasks } from "../job-tasks.ts";
import type { EngineRow, FailureRow, JobRow, JobUpdate, OverviewUpdate, RowsDelta, Sample } from "../live-data.ts";

/** Maximum number of samples that are kept: older ones are forgotten. */
const MAX_SAMPLES = 600;

/** Everything that the page has received. */
export class PageState {
  cluster = "";
  /** The server's clock minus this one's, in milliseconds. */
  #ahead = 0;
  trouble = "";
  isConnected = false;
  readonly engines = new Map<string, EngineRow>();
  readonly jobs = new Map<string, JobRow>();
  readonly failures = new Map<string, FailureRow>();
  samples: Sample[] = [];
  tasks = new JobTasks();
  job: JobRow | undefined;
  unlisted = 0;
  /** Whether anything of the cluster has been received. */
  isKnown = false;
  /** Whether the next update is complete, as the first of each connection is. */
  #isOverviewWhole = false;
  #isJobWhole = false;

  /** The time by the server's clock. */
  get now(): number {
    return Date.now() + this.#ahead;
  }

  /** Takes an event over. */
  take({ name, data }: StreamEvent): void {
    if (name === "begin") this.#begin();
    else if (name === "overview") this.#takeOverview(JSON.parse(data));
    else if (name === "job") this.#takeJob(JSON.parse(data));
    else if (name === "trouble") this.trouble = String(JSON.parse(data));
  }

  /** Forgets the job at which the page looked. */
  forgetJob(): void {
    this.failures.clear();
    this.tasks = new JobTasks();
    this.job = undefined;
    this.unlisted = 0;
  }

  /** A new connection sends everything again. Keeps the rows until then, so that none vanishes under a click. */
  #begin(): void {
    this.#isOverviewWhole = true;
    this.#isJobWhole = true;
  }

  #takeOverview({ cluster, now, engines, jobs, samples }: OverviewUpdate): void {
    this.cluster = cluster;
    this.trouble = "";
    this.isKnown = true;
    this.#ahead = now - Date.now();
    if (this.#isOverviewWhole) {
      this.engines.clear();
      this.jobs.clear();
      this.samples = [];
    }
    this.#isOverviewWhole = false;
    change(this.engines, engines);
    change(this.jobs, jobs);
    this.samples = [...this.samples, ...samples].slice(-MAX_SAMPLES);
  }

  #takeJob(update: JobUpdate): void {
    if (this.#isJobWhole) this.forgetJob();
    this.#isJobWhole = false;
    this.job = update.job;
    this.unlisted = update.unlisted;
    this.tasks.add(update);
    change(this.failures, update.failures);
  }
}

function change<Row extends { id: string }>(rows: Map<string, Row>, { set, gone }: RowsDelta<Row>): void {
  for (const row of set) rows.set(row.id, row);
  for (const id of gone) rows.delete(id);
}
