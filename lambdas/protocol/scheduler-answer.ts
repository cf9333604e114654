import type { JobHeader } from "./job-header.ts";
import type { NamedValue } from "./named-value.ts";

/** An engine, as `status` shows it. */
export interface EngineStatus {
  id: number;
  pool: string;
  /** Number of tasks in its leases. */
  load: number;
  /** Time of its last assignment, epoch milliseconds; 0: never. */
  assigned: number;
  /** Whether it has an invocation, running or requested. */
  live: boolean;
  /** `draining`: it has left its pool and is finishing what it holds. */
  state: "open" | "draining";
}

/** Tasks of one job, as ranges. */
export interface TaskRanges {
  job: string;
  ranges: [from: number, to: number][];
}

/** Queued and held tasks. */
export interface QueueStatus {
  /** Tasks ready to run that no engine holds, including retries waiting for their time. */
  unassigned: TaskRanges[];
  /** Tasks waiting for other tasks. */
  waiting: TaskRanges[];
  engines: { id: number; tasks: TaskRanges[]; completed: number }[];
}

export interface ClusterStatus {
  engines: EngineStatus[];
  /** Number of queue entries: pieces of claimable work, not tasks. */
  hints: number;
  scheme: string;
  hwm: number | "adaptive";
  /** Whether clients may send code, and the names of the deployed functions. */
  code: { shipping: boolean; functions: readonly string[] };
  pools: {
    name: string;
    count: number;
    memoryMb: number;
    timeoutSeconds: number;
    /** Ids of its engines, as ranges. */
    ids: [from: number, to: number][];
  }[];
}

/** The scheduler's answer. A refused message gives `error`, with fantail's code, and changes nothing. */
export type SchedulerAnswer =
  /**
   * `standing`: headers of jobs that another submission has created under the same idempotency key; they are unchanged.
   * `again`, to a `tick`: milliseconds after which to send another, because something is due then.
   */
  | { type: "ok"; standing?: JobHeader[]; again?: number }
  /** Also to `scale` and `drain`. */
  | { type: "status"; status: ClusterStatus }
  | { type: "queue"; queue: QueueStatus }
  /** Headers of the new jobs, in the order of the message, followed by those of dependents. */
  | { type: "resubmitted"; headers: JobHeader[] }
  /** To `pull`: for each name, its value on each engine, in the order of the message; null if there is none. */
  | { type: "values"; values: (NamedValue | null)[][] }
  | { type: "error"; code: string; message: string; flag?: string; taskId?: string };
