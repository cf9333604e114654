import type { ServerResponse } from "node:http";
import type { JobReading } from "./job-reader.ts";
import type { EngineRow, FailureRow, JobRow, JobUpdate, OverviewUpdate, Sample } from "./live-data.ts";
import type { Overview } from "./overview-reader.ts";
import { SentRows } from "./sent-rows.ts";

/** A page with this many unread bytes is disconnected. It connects again, and then gets everything. */
const MAX_UNSENT_BYTES = 8_000_000;

/** An open page, and a record of the rows that it has received. */
export class Viewer {
  /** The job that the page shows; undefined if it shows none. */
  readonly job: string | undefined;
  readonly #cluster: string;
  readonly #response: ServerResponse;
  readonly #engines = new SentRows<EngineRow>();
  readonly #jobs = new SentRows<JobRow>();
  readonly #failures = new SentRows<FailureRow>();
  #lastSample = 0;
  #ended = 0;
  #lastJob = "";

  constructor(response: ServerResponse, cluster: string, job: string | undefined) {
    this.#response = response;
    this.#cluster = cluster;
    this.job = job;
  }

  /** Sends the cluster's changes. */
  overview({ at, engines, jobs }: Overview, samples: readonly Sample[]): void {
    const update: OverviewUpdate = {
      cluster: this.#cluster,
      now: at,
      engines: this.#engines.delta(engines),
      jobs: this.#jobs.delta(jobs),
      samples: samples.filter((sample) => sample.at > this.#lastSample),
    };
    this.#lastSample = samples.at(-1)?.at ?? 0;
    this.#send("overview", JSON.stringify(update));
  }

  /** Sends the job's changes, if there are any. */
  showJob({ ended, failures, ...reading }: JobReading): void {
    const text = JSON.stringify(reading);
    const changed = this.#failures.delta(failures);
    const isSame = ended.length === this.#ended && text === this.#lastJob && changed.set.length === 0;
    if (isSame) return;
    const update: JobUpdate = { ...reading, ended: ended.slice(this.#ended), failures: changed };
    this.#ended = ended.length;
    this.#lastJob = text;
    this.#send("job", JSON.stringify(update));
  }

  /** Says why nothing could be read. */
  trouble(error: unknown): void {
    this.#send("trouble", JSON.stringify(error instanceof Error ? error.message : String(error)));
  }

  #send(event: "overview" | "job" | "trouble", data: string): void {
    if (this.#response.writableLength > MAX_UNSENT_BYTES) this.#response.destroy();
    else this.#response.write(`event: ${event}\ndata: ${data}\n\n`);
  }
}
