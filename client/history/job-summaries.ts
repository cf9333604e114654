import { type IndexRange, indexesOf, mergedRanges } from "../../lambdas/protocol/index-ranges.ts";
import type { JobHeader } from "../../lambdas/protocol/job-header.ts";
import type { EngineStatus, QueueStatus } from "../../lambdas/protocol/scheduler-answer.ts";
import type { CloudPort } from "../cluster/cloud-port.ts";
import { askStatus } from "../cluster/engine-roster.ts";
import { askQueue } from "../cluster/queue-status.ts";
import type { Cost } from "../cost/cost.ts";
import { firstFunctionName } from "../outcomes/function-names.ts";
import type { JobRegistry } from "../outcomes/job-registry.ts";
import type { JobOutcomes } from "../outcomes/outcome-store.ts";
import { type ResultPart, wholePart } from "../outcomes/result-part.ts";
import { type Waiting, waitForTasks } from "../results/task-wait.ts";
import { eachJob } from "./each-job.ts";
import { newestJobs } from "./newest-jobs.ts";

type Progress = "waiting" | "running" | "done" | "failed";

/** A job and how far it has come. */
export interface JobSummary {
  jobId: string;
  label: string | undefined;
  /** Name of the function of the job's first task; undefined if it has none. */
  function: string | undefined;
  /** `done` or `failed` once every task has ended: `failed` if any did not succeed. */
  state: Progress;
  /** Number of tasks; the other counts add up to it. */
  tasks: number;
  /** Tasks that succeeded. */
  done: number;
  /** Tasks in the lease of an engine, started or not. */
  running: number;
  /** Tasks that are queued, or wait for others. */
  waiting: number;
  /** Tasks that ended in any other way than by succeeding. */
  failed: number;
  submitted: Date;
  /** When the first of the ended tasks started; before any has ended, about when an engine got the first task. */
  started: Date | undefined;
  /** When the last task ended; undefined while any has not. */
  completed: Date | undefined;
  /** Cost so far in US dollars, without the clients' own usage. */
  usd: number;
}

/** The parts of a client that list jobs, read their outcomes and price them. */
export interface JobListing extends Waiting {
  cloud: CloudPort;
  jobs: JobRegistry;
  /** Computes the cost of tasks, without this client's usage for reading them. */
  costOf(parts: readonly ResultPart[]): Promise<Cost>;
}

/** Describes the newest jobs of all clients, newest first. Purged jobs are left out. */
export async function jobSummaries(ports: JobListing, count: number): Promise<JobSummary[]> {
  // Read the queue before the outcomes, so that a task that ends in between is counted as ended.
  const [queue, { engines }] = await Promise.all([askQueue(ports.cloud), askStatus(ports.cloud, { type: "status" })]);
  const listed = await newestJobs(ports.cloud, ports.clock.now(), count);
  return eachJob(listed, (job) => summaryOf(ports, job, heldTasks(queue, engines, job)));
}

async function summaryOf(ports: JobListing, job: string, held: HeldTasks): Promise<JobSummary | undefined> {
  const outcomes = await ports.jobs.find(job);
  if (!outcomes?.header) return undefined;
  const part = wholePart(outcomes);
  const [name] = await Promise.all([
    firstFunctionName(ports.cloud, job),
    waitForTasks(ports, [part], { timeoutMs: 0 }),
  ]);
  const { usd } = await ports.costOf([part]);
  return { ...summarize(outcomes, outcomes.header, name, held), usd };
}

/** Summarizes a job from the outcomes that this client knows. The cost is not included. */
export function summarize(
  outcomes: JobOutcomes,
  { tasks, label, submitted }: JobHeader,
  name: string | undefined,
  held: HeldTasks,
): Omit<JobSummary, "usd"> {
  const { done, failed, started, completed } = ended(outcomes, tasks);
  const running = [...indexesOf(held.ranges)].filter((task) => !outcomes.isFinal(task)).length;
  const waiting = tasks - done - failed - running;
  return {
    ...{ jobId: outcomes.job, label, function: name, tasks, done, running, waiting, failed },
    state: progress({ running, waiting, failed }),
    submitted: new Date(submitted),
    started: dateOf(started ?? (running > 0 ? held.since : undefined)),
    completed: dateOf(waiting + running > 0 ? undefined : completed),
  };
}

function dateOf(time: number | undefined): Date | undefined {
  return time === undefined ? undefined : new Date(time);
}

function progress({ running, waiting, failed }: Pick<JobSummary, "running" | "waiting" | "failed">): Progress {
  if (running > 0) return "running";
  if (waiting > 0) return "waiting";
  return failed > 0 ? "failed" : "done";
}

function ended(outcomes: JobOutcomes, tasks: number) {
  let done = 0;
  let started: number | undefined;
  let completed: number | undefined;
  for (let task = 0; task < tasks; task++) {
    if (outcomes.isOk(task)) done++;
    const final = outcomes.final(task);
    if (final?.started !== undefined) started = Math.min(started ?? final.started, final.started);
    // A task that ended without running has only the time at which its outcome was written.
    const end = final && (final.completed ?? final.received);
    if (end !== undefined) completed = Math.max(completed ?? end, end);
  }
  return { done, failed: tasks - outcomes.missing - done, started, completed };
}

/** The tasks of a job that engines hold, and the earliest of the times at which these engines last got tasks. */
interface HeldTasks {
  ranges: readonly IndexRange[];
  since: number | undefined;
}

/** Finds the tasks of a job that engines hold. */
export function heldTasks(queue: QueueStatus, engines: readonly EngineStatus[], job: string): HeldTasks {
  const holders = queue.engines.filter(({ tasks }) => tasks.some((some) => some.job === job));
  const times = engines.filter(({ id }) => holders.some((one) => one.id === id)).map(({ assigned }) => assigned);
  const own = holders.flatMap(({ tasks }) => tasks.filter((some) => some.job === job));
  return {
    ranges: mergedRanges(own.flatMap(({ ranges }) => ranges)),
    since: times.reduce<number | undefined>((first, time) => Math.min(first ?? time, time), undefined),
  };
}
