import { BUCKET_TASKS } from "./spec-page.ts";

/** A row's key: partition and sort key. The engines' partition is in the engine table, all others in the task table. */
export interface RowKey {
  pk: string;
  sk: string;
}

/**
 * A stored row. `body` is JSON text for the row's own codec. Data that conditions test, or that is useful to see in the
 * table, is stored beside it as attributes.
 */
export interface Row extends RowKey {
  body: string;
  /** Next position to claim (jobs, and rows of requeued tasks). */
  from?: number | undefined;
  /** One past the last position to claim. */
  to?: number | undefined;
  /** Jobs: a state listed in `core/job-state`. The sweeps row: whether the one-minute rule is on. */
  state?: string | undefined;
  /** Aborted ranges and recalls (jobs), as `core/abort-ranges` and `core/recall` write them. */
  aborted?: string[] | undefined;
  /** Revision: incremented by every swap (engines, roster, sweeps); random, chosen by the row's writer (jobs). */
  rev?: number | undefined;
  /** For a job with a budget: its spending as recorded so far, in whole nano-dollars. */
  spent?: number | undefined;
  /** Number of tasks in the engine's leases, as in `body`; stored here for people who read the table (engines). */
  load?: number | undefined;
  /** Tasks of a bucket that succeeded (`ok`) or failed (`bad`), as `core/ledger` writes them (ledgers). */
  ok?: string[] | undefined;
  bad?: string[] | undefined;
  /** Waiting tasks that were released, as `core/releases` writes them (ledgers). */
  opened?: string[] | undefined;
  /** Purged ranges of tasks, each `from-to` (jobs). */
  purged?: string[] | undefined;
  /** Whether tasks of other jobs depend on tasks of this one (jobs, ledgers). */
  dependents?: boolean | undefined;
  /** Epoch seconds after which DynamoDB may delete the row. */
  expires?: number | undefined;
}

const pad = (value: number, digits: number) => String(value).padStart(digits, "0");

/** The bucket of a task. */
export function bucketOf(index: number): number {
  return Math.floor(index / BUCKET_TASKS);
}

/** The partition with the spec and outcome pages of one bucket. */
export function bucketPartition(job: string, bucket: number): string {
  return `job#${job}#${bucket}`;
}

export function jobKey(job: string): RowKey {
  return { pk: `job#${job}`, sk: "job" };
}

/**
 * The row with the findings of the last scan of an open job. It is a row of its own, because a repeated submission
 * writes the job's row in the list of open jobs again. It expires and is purged with the job's other rows.
 */
export function scanKey(job: string): RowKey {
  return { pk: `job#${job}`, sk: "scan" };
}

/** The link from a job to one that runs some of its tasks again; the body holds the resubmitted `ranges`. */
export function resubmittedKey(job: string, again: string): RowKey {
  return { pk: `job#${job}`, sk: `n#${again}` };
}

/** The row from which a batch of requeued tasks is claimed. It is kept as long as its job. */
export function requeuedKey(job: string, run: string): RowKey {
  return { pk: `job#${job}`, sk: `r#${run}` };
}

/** Bounds of the sort keys of the rows from which a job's requeued tasks are claimed. */
export const REQUEUED_ROWS = { from: "r#", to: "r$" } as const;

/** The hop of the batch of requeued tasks that is claimed from the row. */
export function hopOfRequeued({ sk }: RowKey): number {
  return Number(sk.split(".").at(-1));
}

/** The row that counts failed claims of a job's work. */
export function failedClaimsKey(job: string): RowKey {
  return { pk: `job#${job}`, sk: "claims" };
}

export function specPageKey(job: string, first: number): RowKey {
  return { pk: bucketPartition(job, bucketOf(first)), sk: `s#${pad(first, 8)}` };
}

/** Outcome pages of a bucket are sorted by first index; `lease` identifies the writer. */
export function outcomePageKey(job: string, first: number, lease: string): RowKey {
  return { pk: bucketPartition(job, bucketOf(first)), sk: `o#${pad(first, 8)}#${lease}` };
}

/** Bounds of the sort keys of outcome pages with a first index in [first, past). */
export function outcomePagesBetween(first: number, past: number): { from: string; to: string } {
  return { from: `o#${pad(Math.max(0, first), 8)}`, to: `o#${pad(past, 8)}` };
}

/**
 * The ledger of one bucket of a job on which tasks depend. It lists the bucket's tasks that have ended, and its waiting
 * tasks that were released.
 */
export function ledgerKey(job: string, bucket: number): RowKey {
  return { pk: bucketPartition(job, bucket), sk: "e" };
}

/** A page of a job's wait groups, sorted by the first task of the page's first group. */
export function waitPageKey(job: string, first: number): RowKey {
  return { pk: `job#${job}`, sk: `w#${pad(first, 8)}` };
}

/**
 * The partition with the edges of a bucket: rows that list the wait groups of other jobs that depend on the bucket's
 * tasks.
 */
export function edgePartition(job: string, bucket: number): string {
  return `dep#${job}#${bucket}`;
}

/**
 * The partition with the edges that `resubmit` needs: those to wait groups of other jobs that could not run because of
 * tasks in a bucket.
 */
export function fallenPartition(job: string, bucket: number): string {
  return `fallen#${job}#${bucket}`;
}

/** The row of an edge to a wait group. Its first task identifies the group. */
export function edgeKey(parent: string, bucket: number, child: string, from: number): RowKey {
  return { pk: edgePartition(parent, bucket), sk: `${child}#${pad(from, 8)}` };
}

/** The row of an edge that is kept for `resubmit`; see `fallenPartition`. */
export function fallenKey(parent: string, bucket: number, child: string, from: number): RowKey {
  return { pk: fallenPartition(parent, bucket), sk: edgeKey(parent, bucket, child, from).sk };
}

/** The row with the value that a name has on an engine. */
export function namedValueKey(name: string, engine: number): RowKey {
  return { pk: `name#${name}`, sk: pad(engine, 6) };
}

/** The row with a running task's output so far. */
export function liveOutputKey(job: string, index: number): RowKey {
  return { pk: bucketPartition(job, bucketOf(index)), sk: `t#${pad(index, 8)}` };
}

/** Bounds of the sort keys of the live outputs of tasks [first, past) in a bucket. */
export function liveOutputsBetween(first: number, past: number): { from: string; to: string } {
  return { from: `t#${pad(first, 8)}`, to: `t#${pad(past - 1, 8)}` };
}

export function codeKey(hash: string): RowKey {
  return { pk: `code#${hash}`, sk: "code" };
}

/** The partition of engine rows, in the engine table. */
export const ENGINE_PARTITION = "engine";

export function engineKey(id: number): RowKey {
  return { pk: ENGINE_PARTITION, sk: pad(id, 6) };
}

/** The roster row. It is in the engines' partition, so that it is read together with them. */
export const ROSTER_KEY: RowKey = { pk: ENGINE_PARTITION, sk: "roster" };

/**
 * The row that says whether the one-minute rule is on. It is in the engines' partition, so that it is read together
 * with them.
 */
export const SWEEPS_KEY: RowKey = { pk: ENGINE_PARTITION, sk: "sweeps" };

/** The row with the key that signs lease tokens. Only the scheduler's functions may read the engines' partition. */
export const SIGNING_KEY: RowKey = { pk: ENGINE_PARTITION, sk: "signing" };

/** Whether a row of the engines' partition is an engine's. */
export function isEngineKey({ pk, sk }: RowKey): boolean {
  return pk === ENGINE_PARTITION && /^\d+$/.test(sk);
}

/** The partition of a queue: `any`, `pool:gpu`, `engines:1,4-7`, `any/but:2`. */
export function queuePartition(queue: string): string {
  return `q#${queue}#0`;
}

/** Queue entries are sorted by priority (higher first), then time, then job. */
export function queueEntryKey(queue: string, priority: number, time: number, job: string, source: string): RowKey {
  return { pk: queuePartition(queue), sk: `${pad(5_000_000 - priority, 7)}#${pad(time, 14)}#${job}#${source}` };
}

/** The partition that lists the queues in use other than `any`. */
export const QUEUES_PARTITION = "q";

/** The row that lists a queue in use. */
export function listedQueueKey(queue: string): RowKey {
  return { pk: QUEUES_PARTITION, sk: queue };
}

/** The partition that lists the modules that pools cannot load. */
export const LACK_PARTITION = "lacks";

/** The row that records that the engines of a pool, in deployment `revision`, cannot load a module. */
export function lackKey(pool: string, revision: string, module: string): RowKey {
  return { pk: LACK_PARTITION, sk: `${pool}#${revision}#${module}` };
}

/** The partition of jobs that are not closed. */
export const OPEN_PARTITION = "open#0";

/** The row of a job in the list of open jobs. */
export function openJobKey(job: string): RowKey {
  return { pk: OPEN_PARTITION, sk: job };
}

/**
 * The partition of things that are due at a time: expiries, delayed retries, and failures whose dependents are still to
 * be ended.
 */
export const DUE_PARTITION = "due#0";

export function dueKey(time: number, job: string, suffix: string): RowKey {
  return { pk: DUE_PARTITION, sk: `${pad(time, 14)}#${job}#${suffix}` };
}

/** The row of a job in the list of its day's jobs, for history and label queries. */
export function dayKey(time: string, job: string): RowKey {
  return { pk: `day#${time.slice(0, 10)}#0`, sk: `${time}#${job}` };
}
