import type { EncodedValue } from "../../lambdas/protocol/function-reference.ts";
import type { IndexRange } from "../../lambdas/protocol/index-ranges.ts";
import type { JobHeader } from "../../lambdas/protocol/job-header.ts";
import { ENTRY_STATUSES, type EncodedError, type Entry } from "../../lambdas/protocol/outcome-page.ts";
import { unpackOutcomePage } from "../../lambdas/protocol/packed-page.ts";
import { bucketOf, bucketPartition } from "../../lambdas/protocol/rows.ts";
import { BUCKET_TASKS } from "../../lambdas/protocol/spec-page.ts";
import type { Usage } from "../../lambdas/protocol/usage.ts";
import type { ReadPage } from "../cluster/cloud-port.ts";
import type { AttemptRecord } from "./attempt-record.ts";
import type { CallSite } from "./call-site.ts";
import { CallSites } from "./call-sites.ts";
import { EarlierAttempts, type PageFacts } from "./earlier-attempts.ts";
import { KeptArguments } from "./kept-arguments.ts";
import { tasksUsage } from "./page-usage.ts";
import { RareFacts } from "./rare-facts.ts";
import { TaskWaiters } from "./task-waiters.ts";
import { WITHDRAWN } from "./withdrawn.ts";

/**
 * One job's outcomes, as far as this client knows them.
 *
 * Stored in columns, not in an object per task, with values decoded only on request. This takes about 60 bytes a task;
 * a map of records would take 700.
 */
export class JobOutcomes {
  readonly job: string;
  /** Resolves when the scheduler has accepted the job; rejects if the submission fails. */
  readonly submitted: Promise<void>;
  readonly waiters: TaskWaiters = new TaskWaiters();
  /** Ranges of tasks known to have been purged. */
  purged: readonly IndexRange[] = [];
  /** The places in the user's code that submitted the tasks. A map's call is recorded at task 0. */
  readonly calls: CallSites = new CallSites();
  args: KeptArguments = new KeptArguments();
  /** What the scheduler used to submit the job, as stored in the job's row; undefined until the row was read. */
  usedAtStart: readonly number[] | undefined;
  /** Called for each task that ends, before the task's waiters. */
  onEnd: ((outcomes: JobOutcomes, task: number) => void) | undefined;
  #header: JobHeader | undefined;
  #isWithdrawn = false;
  #failure: Error | undefined;
  #isFailureHeard = false;
  #missing = 0;
  #missingIn = new Uint16Array(0);
  /** One number per task: 0 without an outcome, otherwise the status's index in ENTRY_STATUSES plus 1. */
  #status = new Uint8Array(0);
  #started = new Float64Array(0);
  #completed = new Float64Array(0);
  #pageOf = new Uint32Array(0);
  #values: (EncodedValue | undefined)[] = [];
  readonly #pages: PageFacts[] = [];
  readonly #rare = new RareFacts();
  readonly #earlier = new EarlierAttempts();
  /** Sort keys of the pages already read, by bucket; only for incomplete buckets. */
  readonly #read = new Map<number, Set<string>>();

  constructor(job: string, submitted: Promise<void> = Promise.resolve()) {
    this.job = job;
    this.submitted = submitted;
    submitted.catch((error: Error) => this.fail(error));
  }

  /** Where a task was submitted; undefined if another process did it, or the place was not recorded. */
  callOf(task: number): CallSite | undefined {
    return this.calls.of(task, this.#header?.shape === "map");
  }

  /** The job's header; undefined until its tasks are known, for example while tasks are still being added. */
  get header(): JobHeader | undefined {
    return this.#header;
  }

  /** The error that keeps outcomes from arriving: the submission failed, or the client was closed. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** Whether a waiter has received the failure. */
  get isFailureHeard(): boolean {
    return this.#isFailureHeard;
  }

  /** Returns the failure to a waiter and records that it was received. */
  hearFailure(): Error | undefined {
    this.#isFailureHeard ||= this.#failure !== undefined;
    return this.#failure;
  }

  /** Number of tasks without an outcome. */
  get missing(): number {
    return this.#missing;
  }

  /** The earliest time after `time` at which a retry is due or a task expires; undefined if there is none. */
  dueAfter(time: number): number | undefined {
    return this.#header && this.#missing > 0 ? this.#earlier.dueAfter(time, this.#header) : undefined;
  }

  /** Sets the header, and with it the number of tasks. Pages can be added from then on. */
  open(header: JobHeader): void {
    const { tasks } = header;
    this.#header = header;
    this.#missing = tasks;
    this.#missingIn = new Uint16Array(bucketOf(tasks - 1) + 1).fill(BUCKET_TASKS);
    this.#missingIn[bucketOf(tasks - 1)] = ((tasks - 1) % BUCKET_TASKS) + 1;
    this.#status = new Uint8Array(tasks);
    this.#started = new Float64Array(tasks).fill(Number.NaN);
    this.#completed = new Float64Array(tasks).fill(Number.NaN);
    this.#pageOf = new Uint32Array(tasks);
    this.#values = new Array(tasks);
  }

  /**
   * Whether the job was withdrawn before it was sent. It then exists only in this process, and none of its tasks will
   * run.
   */
  get isWithdrawn(): boolean {
    return this.#isWithdrawn;
  }

  /** Ends every task of a job that will not be sent, by default as TaskAborted. */
  withdraw(header: JobHeader, received: number, error: EncodedError = WITHDRAWN): void {
    if (this.#header === undefined) this.open(header);
    this.#isWithdrawn = true;
    const status = error.code === "ImpossibleDependency" ? "impossible" : "aborted";
    this.#pages.push({ engine: undefined, pool: undefined, received });
    for (let index = 0; index < header.tasks; index++) this.#keep({ index, attempt: 1, status, final: true, error });
    for (let task = 0; task < header.tasks; task++) this.#notify(task);
  }

  /** Ends every wait with this error, or with an earlier error if there was one. */
  fail(error: Error): void {
    this.#failure ??= error;
    this.waiters.rejectAll(this.#failure);
  }

  isFinal(task: number): boolean {
    return (this.#status[task] ?? 0) !== 0;
  }

  /** Number of tasks in [from, to) without an outcome. */
  missingBetween(from: number, to: number): number {
    if (this.#header === undefined) return to - from;
    if (from === 0 && to === this.#header.tasks) return this.#missing;
    let missing = 0;
    for (let task = from; task < to; task++) if (!this.isFinal(task)) missing++;
    return missing;
  }

  missingInBucket(bucket: number): number {
    return this.#missingIn[bucket] ?? 0;
  }

  /**
   * Adds one page of a bucket. Adding it again has no effect.
   *
   * @returns whether it contained anything new
   */
  add(bucket: number, page: ReadPage): boolean {
    const read = this.#read.get(bucket) ?? new Set<string>();
    if (read.has(page.sk)) return false;
    const row = { pk: bucketPartition(this.job, bucket), ...page };
    const { engine, pool, received, used, entries } = unpackOutcomePage(row);
    read.add(page.sk);
    this.#read.set(bucket, read);
    this.#pages.push({ engine, pool, received, used });
    const ended: number[] = [];
    for (const entry of entries) {
      if (this.isFinal(entry.index) || entry.index >= this.#status.length) continue;
      if (entry.final) {
        this.#keep(entry);
        ended.push(entry.index);
      } else if (this.#earlier.keep(entry, { engine, pool, received }, this.#header?.flags.timeoutMs))
        this.waiters.retried(entry.index);
    }
    if (this.missingInBucket(bucket) === 0) this.#read.delete(bucket);
    for (const task of ended) this.#notify(task);
    return true;
  }

  /** The attempt that ended the task; undefined while there is none. */
  final(task: number): AttemptRecord | undefined {
    const status = ENTRY_STATUSES[(this.#status[task] ?? 0) - 1];
    if (status === undefined) return undefined;
    const page = this.#pages[this.#pageOf[task] ?? 0];
    const rare = this.#rare.of(task);
    return {
      attempt: rare?.attempt ?? 1,
      status,
      value: this.#values[task],
      error: rare?.error,
      started: known(this.#started[task]),
      completed: known(this.#completed[task]),
      received: page?.received ?? 0,
      engine: page?.engine,
      pool: page?.pool,
      phases: rare?.phases,
      ...{ stdout: rare?.stdout ?? "", stderr: rare?.stderr ?? "" },
    };
  }

  /** Whether the task succeeded. */
  isOk(task: number): boolean {
    return this.#status[task] === 1;
  }

  /** The encoded value of a task, without building a record; undefined if it has none. */
  value(task: number): EncodedValue | undefined {
    return this.#values[task];
  }

  /** All known attempts, including the last. */
  attempts(task: number): AttemptRecord[] {
    const final = this.final(task);
    return [...this.#earlier.of(task), ...(final ? [final] : [])].sort((a, b) => a.attempt - b.attempt);
  }

  /** Number of the task's known attempts that failed and were or will be followed by another. */
  retries(task: number): number {
    return this.#earlier.retries(task);
  }

  /** The usage of ranges of tasks, as far as the pages read so far record it. */
  usedBy(ranges: readonly IndexRange[]): Usage {
    return tasksUsage(this.#pages, this.#pageOf, this, ranges);
  }

  #notify(task: number): void {
    this.onEnd?.(this, task);
    this.waiters.ended(task);
  }

  #keep(entry: Entry): void {
    const { index } = entry;
    this.#status[index] = ENTRY_STATUSES.indexOf(entry.status) + 1;
    this.#started[index] = entry.started ?? Number.NaN;
    this.#completed[index] = entry.completed ?? Number.NaN;
    this.#pageOf[index] = this.#pages.length - 1;
    this.#values[index] = entry.value;
    if (entry.status === "ok") this.args.drop(index);
    this.#rare.keep(entry);
    this.#earlier.ended(index);
    this.#missing--;
    const bucket = bucketOf(index);
    this.#missingIn[bucket] = this.missingInBucket(bucket) - 1;
  }
}

const known = (time: number | undefined) => (time === undefined || Number.isNaN(time) ? undefined : time);
