import { BUCKET_TASKS } from "./spec-page.ts";

/** Where a row lies: partition and sort key. Engine rows lie in the engine table, all others in the task table. */
export interface RowKey {
  pk: string;
  sk: string;
}

/**
 * A row at rest. What only its reader understands is `body`, JSON text; what conditions and the eye need
 * stands beside it as an attribute.
 */
export interface Row extends RowKey {
  body: string;
  /** Next position to claim (jobs and runs). */
  from?: number | undefined;
  /** One past the last position to claim. */
  to?: number | undefined;
  /**
   * Of jobs: as `core/job-state` lists them. Of the sweeps' row: whether the rule is on.
   */
  state?: string | undefined;
  /** Aborted ranges and recalls (jobs), as `core/abort-marks` and `core/recall` write them. */
  aborted?: string[] | undefined;
  /** Raised by every swap (engines, roster, sweeps); drawn by who put the row (jobs). */
  rev?: number | undefined;
  /** Tasks in the engine's leases (engines), for the eye: always equal to what `body` holds. */
  load?: number | undefined;
  /** Tasks of a bucket that have succeeded, and that have failed, as `core/ledger` writes them (ledgers). */
  ok?: string[] | undefined;
  bad?: string[] | undefined;
  /** Waiting tasks that were taken to be leased or ended, as `core/openings` writes them (ledgers). */
  opened?: string[] | undefined;
  /** Ranges of tasks that were purged (jobs), each `from-to`. */
  purged?: string[] | undefined;
  /** Claims that tasks of other jobs depend on tasks of this one (jobs, ledgers). */
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

/** The link from a job to one that runs tasks of it again; its body holds the `ranges` that were resubmitted. */
export function resubmittedKey(job: string, again: string): RowKey {
  return { pk: `job#${job}`, sk: `n#${again}` };
}

/** The permanent row by which a run of requeued tasks is claimed. */
export function runKey(job: string, run: string): RowKey {
  return { pk: `job#${job}`, sk: `r#${run}` };
}

/** How often work of a job could not be claimed. */
export function failedClaimsKey(job: string): RowKey {
  return { pk: `job#${job}`, sk: "claims" };
}

export function specPageKey(job: string, first: number): RowKey {
  return { pk: bucketPartition(job, bucketOf(first)), sk: `s#${pad(first, 8)}` };
}

/** Outcome pages of a bucket are listed by first index; `lease` names who wrote them. */
export function outcomePageKey(job: string, first: number, lease: string): RowKey {
  return { pk: bucketPartition(job, bucketOf(first)), sk: `o#${pad(first, 8)}#${lease}` };
}

/** Sort keys between which the outcome pages with a first index in [first, past) lie. */
export function outcomePagesBetween(first: number, past: number): { from: string; to: string } {
  return { from: `o#${pad(Math.max(0, first), 8)}`, to: `o#${pad(past, 8)}` };
}

/** What has ended in one bucket of a job on which tasks depend, and which of its waiting tasks were opened. */
export function ledgerKey(job: string, bucket: number): RowKey {
  return { pk: bucketPartition(job, bucket), sk: "e" };
}

/** Wait groups of a job, listed by the first task of the page's first group. */
export function waitPageKey(job: string, first: number): RowKey {
  return { pk: `job#${job}`, sk: `w#${pad(first, 8)}` };
}

/** The partition that lists who of other jobs depends on tasks of a bucket. */
export function edgePartition(job: string, bucket: number): string {
  return `dep#${job}#${bucket}`;
}

/** The partition that lists who of other jobs could not run because of what it depended on in a bucket: its edges, kept for `resubmit`. */
export function fallenPartition(job: string, bucket: number): string {
  return `fallen#${job}#${bucket}`;
}

/** The edge to a wait group, by its first task. */
export function edgeKey(parent: string, bucket: number, child: string, from: number): RowKey {
  return { pk: edgePartition(parent, bucket), sk: `${child}#${pad(from, 8)}` };
}

/** The value that a name has on an engine. */
export function namedValueKey(name: string, engine: number): RowKey {
  return { pk: `name#${name}`, sk: pad(engine, 6) };
}

/** What a task that runs has written so far. */
export function liveOutputKey(job: string, index: number): RowKey {
  return { pk: bucketPartition(job, bucketOf(index)), sk: `t#${pad(index, 8)}` };
}

/** Sort keys between which the live outputs of a bucket's tasks [first, past) lie. */
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

/** The row that says which engines there are: among theirs, so that it is read along. */
export const ROSTER_KEY: RowKey = { pk: ENGINE_PARTITION, sk: "roster" };

/** The row that says whether the one-minute rule is on: among the engines', for the same reason. */
export const SWEEPS_KEY: RowKey = { pk: ENGINE_PARTITION, sk: "sweeps" };

/** Queue partition of a class of eligibility: `any`, `pool:gpu`, `engines:1,4-7`, `any/but:2`. */
export function queuePartition(queueClass: string): string {
  return `q#${queueClass}#0`;
}

/** Hints are listed by priority (higher first), then time, then job. */
export function hintKey(queueClass: string, priority: number, time: number, job: string, source: string): RowKey {
  return { pk: queuePartition(queueClass), sk: `${pad(5_000_000 - priority, 7)}#${pad(time, 14)}#${job}#${source}` };
}

/** The partition that lists queue classes in use besides `any`. */
export const CLASS_PARTITION = "q";

/** The partition that lists what pools cannot load. */
export const LACK_PARTITION = "lacks";

/** Says that the engines of a pool, deployed as `revision` tells, cannot load a module. */
export function lackKey(pool: string, revision: string, module: string): RowKey {
  return { pk: LACK_PARTITION, sk: `${pool}#${revision}#${module}` };
}

/** The partition of jobs that are not closed. */
export const OPEN_PARTITION = "open#0";

/** The partition of things to do at a time: expiries and delayed retries, by time. */
export const DUE_PARTITION = "due#0";

export function dueKey(time: number, job: string, what: string): RowKey {
  return { pk: DUE_PARTITION, sk: `${pad(time, 14)}#${job}#${what}` };
}

/** The partition that lists the jobs of one day, for history and label queries. */
export function dayKey(time: string, job: string): RowKey {
  return { pk: `day#${time.slice(0, 10)}#0`, sk: `${time}#${job}` };
}
