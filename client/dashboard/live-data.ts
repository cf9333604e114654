import type { IndexRange } from "../../lambdas/protocol/index-ranges.ts";
import type { EntryStatus } from "../../lambdas/protocol/outcome-page.ts";

/** Rows of a table that are new or have changed, and the ids of removed ones. */
export interface RowsDelta<Row> {
  set: Row[];
  gone: string[];
}

/** An engine. Times are epoch milliseconds. */
export interface EngineRow {
  id: string;
  pool: string;
  /** `cold`: it has not run a task yet. `draining`: it has left its pool and finishes its tasks. */
  state: "running" | "idle" | "cold" | "draining";
  load: number;
  /** Number of attempts that it has finished. */
  completed: number;
  /** The job of the tasks that it holds, and the index of the first of them; null if it holds none. */
  job: string | null;
  task: number | null;
  /** When it last got tasks; 0: never. */
  since: number;
}

/** A job. Times are epoch milliseconds. */
export interface JobRow {
  id: string;
  label: string | null;
  function: string | null;
  state: "waiting" | "running" | "done" | "failed";
  tasks: number;
  done: number;
  running: number;
  waiting: number;
  failed: number;
  submitted: number;
  started: number | null;
  completed: number | null;
  /** Tasks that end in a second, and the milliseconds until all have ended at that rate; null if unknown. */
  perSecond: number | null;
  remainingMs: number | null;
  /** Cost so far in US dollars, without the clients' own usage. */
  usd: number;
}

/** The cluster at one time. */
export interface Sample {
  /** Epoch milliseconds. */
  at: number;
  /** Tasks that may run and that no engine holds. */
  queued: number;
  /** Tasks that wait for others. */
  waiting: number;
  /** Tasks that engines hold. */
  running: number;
  /** Attempts that ended in a second, since the sample before; null in the first. */
  perSecond: number | null;
}

/**
 * What the page shows of a cluster. A connection's first update contains everything; later updates contain the changes.
 */
export interface OverviewUpdate {
  /** Name of the cluster. */
  cluster: string;
  /** The server's clock, in epoch milliseconds. */
  now: number;
  engines: RowsDelta<EngineRow>;
  jobs: RowsDelta<JobRow>;
  samples: Sample[];
}

/** A task that has ended, as a list, because a job may have thousands of them. Times are in milliseconds. */
export type EndedTask = [
  index: number,
  status: EntryStatus,
  engine: number | null,
  started: number | null,
  ran: number | null,
  attempts: number,
];

/** Failures with the same error. */
export interface FailureRow {
  id: string;
  /** Class of the error. */
  name: string;
  message: string;
  /** The remote stack of one of them. */
  stack: string;
  count: number;
  /** Indexes of the first tasks that failed so. */
  tasks: number[];
  /** Shortened arguments of the first few of these tasks, by index; an empty string if they are unknown. */
  args: Record<number, string>;
}

/**
 * What the page shows of one job. A connection's first update contains everything; later updates contain the changes.
 */
export interface JobUpdate {
  job: JobRow;
  /** Tasks that have ended since the last update. */
  ended: EndedTask[];
  /** Number of tasks whose ends are not listed, because the job has too many. */
  unlisted: number;
  /** Tasks that engines hold, and since when. */
  held: { engine: number; since: number; ranges: readonly IndexRange[] }[];
  /** Tasks that wait for others. */
  waiting: readonly IndexRange[];
  failures: RowsDelta<FailureRow>;
}

/** One attempt of a task. Times are epoch milliseconds. */
export interface AttemptDetails {
  status: EntryStatus;
  engine: number | null;
  started: number | null;
  completed: number | null;
  error: string | null;
  stdout: string;
  stderr: string;
}

/** Everything about one task. */
export interface TaskDetails {
  id: string;
  status: EntryStatus | "pending";
  /** The shortened arguments; an empty string if they are unknown. */
  args: string;
  attempts: AttemptDetails[];
  refusedBy: number[];
  after: readonly string[];
  follow: readonly string[];
  resubmitted: string | null;
  resubmitOf: string | null;
  /** Error of a task that ended without an attempt. */
  error: string | null;
}

/** Which tasks wait for which. */
export interface GraphData {
  ids: string[];
  /** The status of each task; null for the job's own tasks, whose status arrives in updates. */
  states: (EntryStatus | "pending" | null)[];
  /** Pairs of places in `ids`: a task, and one that waits for it. */
  edges: number[];
  /** Number of waits that are left out, because the graph is too large. */
  left: number;
}
