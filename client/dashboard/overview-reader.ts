import { countIndexes } from "../../lambdas/protocol/index-ranges.ts";
import type { EngineStatus, QueueStatus, TaskRanges } from "../../lambdas/protocol/scheduler-answer.ts";
import { askStatus } from "../cluster/engine-roster.ts";
import { askQueue } from "../cluster/queue-status.ts";
import { eachJob } from "../history/each-job.ts";
import { heldTasks, type JobListing, type JobSummary, summarize } from "../history/job-summaries.ts";
import { newestJobs } from "../history/newest-jobs.ts";
import { firstFunctionName } from "../outcomes/function-names.ts";
import type { JobOutcomes } from "../outcomes/outcome-store.ts";
import { wholePart } from "../outcomes/result-part.ts";
import { ProgressRate } from "../results/progress-rate.ts";
import { waitForTasks } from "../results/task-wait.ts";
import type { EngineRow, JobRow, Sample } from "./live-data.ts";

/** Maximum number of jobs that the page lists. */
const MAX_JOBS = 50;

/** A cluster as read at one time. */
export interface Overview {
  at: number;
  queue: QueueStatus;
  roster: readonly EngineStatus[];
  engines: EngineRow[];
  jobs: JobRow[];
  sample: Sample;
}

/** State kept for a listed job. Outcomes are kept only until all its tasks have ended. */
interface TrackedJob {
  outcomes: JobOutcomes | undefined;
  /** Name of its first task's function; null if it has none, undefined if it was not read yet. */
  name: string | null | undefined;
  /** How fast its tasks end; undefined until its first reading. */
  rate: ProgressRate | undefined;
  row: JobRow | undefined;
}

/** Reads a cluster's engines, queue and newest jobs. */
export class OverviewReader {
  readonly #ports: JobListing;
  #tracked = new Map<string, TrackedJob>();
  #before: { at: number; completed: number } | undefined;

  constructor(ports: JobListing) {
    this.#ports = ports;
  }

  /** Reads everything that may have changed. Of jobs that have ended, only their place in the list is read. */
  async read(): Promise<Overview> {
    const { cloud, clock } = this.#ports;
    // Read the queue first: a task that ends meanwhile is found to have ended.
    const [queue, { engines: roster }] = await Promise.all([askQueue(cloud), askStatus(cloud, { type: "status" })]);
    const listed = await newestJobs(cloud, clock.now(), MAX_JOBS);
    this.#tracked = new Map(listed.map(({ job }) => [job, this.#tracked.get(job) ?? untracked()]));
    const jobs = await eachJob(listed, (job) => this.readJob(job, queue, roster));
    const now = clock.now();
    const sample = this.#sample(queue, now);
    return { at: now, queue, roster, engines: engineRows(queue, roster), jobs, sample };
  }

  /** Reads one job; undefined if there is no such job. Remembers it only while it is listed. */
  async readJob(
    job: string,
    queue: QueueStatus,
    roster: readonly EngineStatus[],
    given?: JobOutcomes,
  ): Promise<JobRow | undefined> {
    const tracked = this.#tracked.get(job) ?? untracked();
    if (tracked.row?.completed) return tracked.row;
    const outcomes = given ?? tracked.outcomes ?? (await this.#ports.jobs.find(job));
    if (!outcomes?.header) return undefined;
    tracked.outcomes = outcomes;
    if (tracked.name === undefined) tracked.name = (await firstFunctionName(this.#ports.cloud, job)) ?? null;
    const part = wholePart(outcomes);
    await waitForTasks(this.#ports, [part], { timeoutMs: 0 });
    const { usd } = await this.#ports.costOf([part]);
    const summary = summarize(outcomes, outcomes.header, tracked.name ?? undefined, heldTasks(queue, roster, job));
    const now = this.#ports.clock.now();
    const ended = summary.done + summary.failed;
    tracked.rate ??= new ProgressRate(now, ended);
    tracked.row = jobRow({ ...summary, usd }, tracked.rate.perSecond(now, ended));
    if (summary.completed) tracked.outcomes = undefined;
    return tracked.row;
  }

  #sample(queue: QueueStatus, at: number): Sample {
    const completed = queue.engines.reduce((sum, engine) => sum + engine.completed, 0);
    const before = this.#before;
    this.#before = { at, completed };
    const isComparable = before !== undefined && at > before.at;
    return {
      at,
      queued: countTasks(queue.unassigned),
      waiting: countTasks(queue.waiting),
      running: queue.engines.reduce((sum, { tasks }) => sum + countTasks(tasks), 0),
      // The sum falls when an engine leaves.
      perSecond: isComparable ? (Math.max(0, completed - before.completed) * 1000) / (at - before.at) : null,
    };
  }
}

function untracked(): TrackedJob {
  return { outcomes: undefined, name: undefined, rate: undefined, row: undefined };
}

function jobRow(summary: JobSummary, perSecond: number | undefined): JobRow {
  const { jobId, state, tasks, done, running, waiting, failed, submitted, started, completed, usd } = summary;
  const left = running + waiting;
  return {
    ...{ id: jobId, label: summary.label ?? null, function: summary.function ?? null },
    ...{ state, tasks, done, running, waiting, failed },
    submitted: submitted.getTime(),
    started: started?.getTime() ?? null,
    completed: completed?.getTime() ?? null,
    perSecond: left === 0 ? null : rounded(perSecond),
    remainingMs: left === 0 || perSecond === undefined ? null : Math.round((left / perSecond) * 1000),
    usd,
  };
}

function rounded(rate: number | undefined): number | null {
  return rate === undefined ? null : Math.round(rate * 100) / 100;
}

function engineRows({ engines }: QueueStatus, roster: readonly EngineStatus[]): EngineRow[] {
  const queued = new Map(engines.map((engine) => [engine.id, engine]));
  return roster.map(({ id, pool, state, load, assigned }) => {
    const own = queued.get(id);
    const first = own?.tasks[0];
    return {
      ...{ id: `${id}`, pool, load, since: assigned },
      state: state === "draining" ? state : activity(load, assigned),
      completed: own?.completed ?? 0,
      job: first?.job ?? null,
      task: first?.ranges[0]?.[0] ?? null,
    };
  });
}

function activity(load: number, assigned: number): EngineRow["state"] {
  if (load > 0) return "running";
  return assigned === 0 ? "cold" : "idle";
}

function countTasks(tasks: readonly TaskRanges[]): number {
  return tasks.reduce((sum, { ranges }) => sum + countIndexes(ranges), 0);
}
