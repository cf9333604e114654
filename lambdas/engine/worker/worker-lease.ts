import { setTimeout as sleep } from "node:timers/promises";
import type { MessagePort } from "node:worker_threads";
import type { Span } from "../../authoring/open-telemetry.ts";
import { isDeployed } from "../../protocol/function-reference.ts";
import { NEVER } from "../../protocol/grant.ts";
import { anchorClock, epochNow } from "../messages/epoch-clock.ts";
import { LeaseBoard } from "../messages/lease-board.ts";
import type { FromWorker, WorkerLease } from "../messages/worker-messages.ts";
import { storedIn } from "./blob-values.ts";
import { LeaseNames } from "./lease-names.ts";
import { endTask, LeaseTrace } from "./lease-trace.ts";
import { PhaseClock } from "./phase-clock.ts";
import { ResultBatch } from "./result-batch.ts";
import { runTask, type TaskEnd } from "./run-task.ts";
import { TaskRun } from "./task-run.ts";
import type { WorkerBlobs } from "./worker-blobs.ts";
import type { WorkerFunctions } from "./worker-functions.ts";
import type { WorkerViews } from "./worker-views.ts";

/**
 * Maximum size of values to request for tasks that have not started, in bytes. More values are requested only below
 * half of this size, so that neighbors in a pack are requested together.
 */
const AHEAD_BYTES = 16 * 1024 * 1024;

/** Longest time that a task waits for its arguments before it counts as started, in milliseconds. */
const ARGUMENTS_MS = 1000;

/** The objects that the tasks' thread keeps from one lease to the next. */
export interface TaskThread {
  /** Name of its engine's pool. */
  pool: string;
  /** The port to the main thread. */
  port: MessagePort;
  functions: WorkerFunctions;
  blobs: WorkerBlobs;
  views: WorkerViews;
  /** When the engine's process started, until the thread's first task has started; undefined in other threads. */
  coldFrom: number | undefined;
  /** Called after each write of a task. */
  onWrite: NonNullable<TaskRun["onWrite"]>;
}

/** Runs the tasks of one lease, one after another, in the worker. */
export class LeaseInWorker {
  readonly batch: ResultBatch;
  readonly #lease: WorkerLease;
  readonly #board: LeaseBoard;
  readonly #thread: TaskThread;
  readonly #names: LeaseNames | undefined;
  #run: TaskRun | undefined;
  #span: Span | undefined;
  #phases: PhaseClock | undefined;
  /** The span of the lease; undefined if its job is in no trace. */
  trace: LeaseTrace | undefined;
  /** The first position whose blobs were not requested yet, and the bytes requested for waiting tasks. */
  #aheadTo = 0;
  #aheadBytes = 0;
  /** Whether the running task has begun to wait for others, so that this worker no longer has the rest of the lease. */
  #isParked = false;

  constructor(lease: WorkerLease, thread: TaskThread) {
    this.#lease = lease;
    this.#thread = thread;
    this.#board = new LeaseBoard(lease.board);
    this.#names = lease.names && new LeaseNames(lease.names, lease.functions, lease.engineId);
    this.batch = new ResultBatch(thread.port);
  }

  /** The run that has started and not ended. */
  get running(): TaskRun | undefined {
    return this.#run;
  }

  async run(): Promise<void> {
    anchorClock();
    const { tasks, trace, job, engineId } = this.#lease;
    this.trace = LeaseTrace.start(trace, job, engineId, tasks.length);
    for (let position = 0; position < tasks.length; position++) {
      if (!this.#board.isWaiting(position)) continue;
      if (!this.#mayStart(position)) {
        // The supervisor returns the task: the scheduler decides whether it can ever run.
        this.#board.cut(position);
        continue;
      }
      this.#askAhead(position);
      const ready = epochNow();
      const args = this.#argumentsOf(position);
      if (args) await args;
      const start = args ? epochNow() : ready;
      if (!this.#board.start(position, start)) continue;
      this.#phases = new PhaseClock(start, ready, this.#thread.coldFrom);
      this.#thread.coldFrom = undefined;
      const end = this.#start(position, start);
      this.#ended(position, start, end instanceof Promise ? await end : end);
      if (this.#isParked) break;
      if (this.batch.isDue()) await this.batch.flushAndBreathe();
    }
    this.trace?.end();
    // Once its task has ended, the invocation may end without this thread.
    if (this.#isParked) await this.trace?.flush();
    this.batch.flush(true);
  }

  #mayStart(position: number): boolean {
    const needs = this.#lease.tasks[position]?.[4];
    return needs === undefined || needs.every((needed) => needed !== NEVER && this.#board.hasSucceeded(needed));
  }

  #start(position: number, startedAt: number): TaskEnd | Promise<TaskEnd> {
    const { job, engineId, tasks, functions, chunked, runTimeoutMs, endsAt } = this.#lease;
    const [index = 0, attempt = 1, fnAt = 0, args = ""] = tasks[position] ?? [];
    const fn = functions[fnAt] ?? { deployed: "", missing: `the lease has no function ${fnAt}` };
    const lastsTo = runTimeoutMs === undefined ? endsAt : Math.min(endsAt, startedAt + runTimeoutMs);
    const about = { job, index, attempt, engineId, pool: this.#thread.pool, endsAt: lastsTo };
    const run = new TaskRun(position, startedAt, this.#board, about);
    run.onWrite = this.#thread.onWrite;
    const classes = isDeployed(fn) ? undefined : fn.classes;
    const phases = this.#phases;
    run.openView = (parent) =>
      this.#thread.views.open(parent, classes, () => {
        this.#park(run);
        const over = phases?.wait(epochNow());
        return () => over?.(epochNow());
      });
    this.#run = run;
    const begin = () =>
      runTask({ fn, args, chunked, names: this.#names }, run, this.#thread.functions, this.#thread.blobs);
    const span = this.trace?.task(about, startedAt);
    this.#span = span;
    const end = span && this.trace ? this.trace.within(span, begin) : begin();
    // Submissions are sent at the end of a turn of the event loop, so the end of a task with a view is always awaited.
    if (end instanceof Promise) return end.then((ended) => (run.hasView ? this.#closed(run, ended) : ended));
    return run.hasView ? this.#closed(run, end) : end;
  }

  /**
   * Waits until everything that the task submitted was sent. If the task failed, its submissions are aborted as
   * useless.
   */
  async #closed(run: TaskRun, end: TaskEnd): Promise<TaskEnd> {
    const parent = await run.closeView();
    if (parent !== undefined && end.status !== "ok") await this.#thread.views.call({ type: "abandon", parent });
    return end;
  }

  #park(run: TaskRun): void {
    if (this.#isParked || run !== this.#run) return;
    this.#isParked = true;
    this.batch.flush();
    this.#thread.port.postMessage({ type: "waits", position: run.position } satisfies FromWorker);
  }

  #ended(position: number, started: number, end: TaskEnd): void {
    const completed = epochNow();
    const run = this.#run;
    this.#board.end(position, this.#isSuccess(end, started, completed) && run?.stopReason === undefined);
    this.#run = undefined;
    const stdout = run?.output("stdout");
    const stderr = run?.output("stderr");
    if (run) run.ended = true;
    if (this.#span) endTask(this.#span, end.status, end.error, completed);
    this.#span = undefined;
    this.batch.add({
      position,
      ...end,
      started,
      completed,
      ...this.#phases?.known(completed),
      ...(stdout === undefined ? {} : { stdout }),
      ...(stderr === undefined ? {} : { stderr }),
      ...(run?.stopReason === undefined ? {} : { stopped: true }),
    });
  }

  /** Whether the task succeeded in time, with a result that need not be stored first. */
  #isSuccess(end: TaskEnd, started: number, completed: number): boolean {
    const { runTimeoutMs = Number.POSITIVE_INFINITY, endsAt } = this.#lease;
    return end.status === "ok" && !end.blobs && completed <= endsAt && completed - started <= runTimeoutMs;
  }

  /** Requests values for this task, and for the next ones while it runs. */
  #askAhead(position: number): void {
    const { tasks } = this.#lease;
    const own = tasks[position]?.[3];
    if (position < this.#aheadTo && own !== undefined) for (const { bytes } of storedIn(own)) this.#aheadBytes -= bytes;
    if (this.#aheadTo < position) this.#aheadTo = position;
    if (this.#aheadBytes > AHEAD_BYTES / 2) return;
    for (; this.#aheadTo < tasks.length && this.#aheadBytes < AHEAD_BYTES; this.#aheadTo++) {
      const args = tasks[this.#aheadTo]?.[3];
      if (args === undefined || typeof args === "string" || !this.#board.isWaiting(this.#aheadTo)) continue;
      for (const value of storedIn(args)) {
        if (this.#aheadTo > position) this.#aheadBytes += value.bytes;
        // Ignore a failure: the task that needs the value requests it again, and gets the error.
        this.#thread.blobs.get(value).catch(() => undefined);
      }
    }
    this.#thread.blobs.request();
  }

  /**
   * Waits for a task's arguments before it starts, so that fetching them does not count as run time. It does not wait
   * for long, because no time limit applies to a task that has not started.
   */
  #argumentsOf(position: number): Promise<unknown> | undefined {
    const args = this.#lease.tasks[position]?.[3];
    if (args === undefined || typeof args === "string") return undefined;
    // Most values were requested ahead, and a timer for each task would cost more than a short task.
    const values = [...storedIn(args)].filter((value) => !this.#thread.blobs.has(value));
    if (values.length === 0) return undefined;
    const late = new AbortController();
    const all = Promise.allSettled(values.map((value) => this.#thread.blobs.get(value)));
    return Promise.race([all, sleep(ARGUMENTS_MS, undefined, { signal: late.signal }).catch(() => undefined)]).finally(
      () => late.abort(),
    );
  }
}
