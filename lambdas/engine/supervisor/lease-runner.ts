import type { EngineAnswer } from "../../protocol/engine-answer.ts";
import type { Grant } from "../../protocol/grant.ts";
import { taskId } from "../../protocol/task-id.ts";
import { LeaseBoard } from "../messages/lease-board.ts";
import type { TaskResult, WorkerLease } from "../messages/worker-messages.ts";
import type { LeaseAction } from "../rules/lease-action.ts";
import { LeaseClock, leaseTerms } from "../rules/lease-clock.ts";
import type { LeaseSnapshot } from "../rules/lease-snapshot.ts";
import { abortTasks } from "./abort-tasks.ts";
import { Alarm } from "./alarm.ts";
import { endRunning } from "./end-running.ts";
import type { Invocation } from "./invocation.ts";
import type { LeaseEnd } from "./lease-end.ts";
import { leaseForWorker } from "./lease-for-worker.ts";
import { LeaseHeartbeats } from "./lease-heartbeats.ts";
import type { Death, LeaseListener } from "./lease-listener.ts";
import { type LeasePart, LeaseProgress } from "./lease-progress.ts";
import { LeaseReports } from "./lease-reports.ts";
import { LeaseResults, type ResultListener } from "./lease-results.ts";
import type { LeaseUnits } from "./lease-units.ts";
import { ParkedTask } from "./parked-task.ts";
import { ResultUploads } from "./result-uploads.ts";

/** A worker that dies this many times in a row before it can take a lease is considered broken. */
const STARTS = 3;

/**
 * Runs one lease in the worker. Resolves when each of its tasks has an outcome, was returned or is parked, or the
 * session has lost the lease. Enforces time limits, sends heartbeats and partial reports, handles aborts, and replaces
 * a worker that a task killed.
 *
 * @param carried unreported outcomes of the lease that these tasks have joined
 * @throws ClusterError if a partial report fails for good, or no worker starts
 */
export async function runLease(
  grant: Grant,
  units: LeaseUnits,
  invocation: Invocation,
  carried?: LeasePart,
): Promise<LeaseEnd> {
  return new LeaseRunner(grant, units, invocation, carried).run();
}

/** Passes snapshots of a lease to its clock and carries out the clock's actions. */
class LeaseRunner implements LeaseListener, ResultListener {
  readonly #invocation: Invocation;
  readonly #sources: LeaseUnits["sources"];
  readonly #board: LeaseBoard;
  readonly #lease: WorkerLease;
  readonly #progress: LeaseProgress;
  readonly #clock: LeaseClock;
  readonly #alarm: Alarm;
  readonly #heartbeats: LeaseHeartbeats;
  readonly #uploads: ResultUploads;
  readonly #results: LeaseResults;
  readonly #reports: LeaseReports;
  /** Whether the worker has the lease. */
  #isWorking = true;
  #failedStarts = 0;

  constructor(grant: Grant, units: LeaseUnits, invocation: Invocation, carried?: LeasePart) {
    const { times, endpoint, who, clock } = invocation;
    this.#invocation = invocation;
    this.#sources = units.sources;
    this.#board = LeaseBoard.of(grant.tasks.length);
    this.#progress = new LeaseProgress(grant, carried);
    this.#alarm = new Alarm(clock);
    this.#uploads = new ResultUploads(invocation.blobs, clock);
    this.#clock = new LeaseClock(leaseTerms(grant, times), clock.now());
    this.#heartbeats = new LeaseHeartbeats(endpoint, who, this.#progress);
    this.#results = new LeaseResults(this.#progress, this.#clock, this.#uploads, this);
    this.#reports = new LeaseReports(invocation, grant.seq, () => {
      this.#clock.reported(clock.now());
      this.#alarm.ring();
    });
    this.#lease = leaseForWorker(grant, units, this.#board, who.engine, times.endsAt);
  }

  async run(): Promise<LeaseEnd> {
    const { worker } = this.#invocation;
    worker.run(this.#lease, this.#sources, this);
    try {
      while (!this.#isOver()) {
        const lease = this.#snapshot();
        const actions = this.#clock.actions(lease);
        for (const action of actions) this.#carryOut(action);
        if (actions.length === 0) await this.#alarm.wait(this.#clock.nextCheck(lease) - this.#invocation.clock.now());
      }
      // Kill the worker, because other engines may have the lease's tasks by now.
      if (this.#reports.isCutShort) await worker.kill();
    } finally {
      this.#heartbeats.end();
      worker.release();
    }
    const { seq, ahead, refusal, failure } = this.#reports;
    if (failure !== undefined) throw failure;
    if (refusal !== undefined) return { type: "refused", message: refusal };
    return { type: "done", seq, progress: this.#progress, ahead };
  }

  #isOver(): boolean {
    return this.#reports.isCutShort || (!this.#isWorking && this.#progress.open === 0 && !this.#reports.isBusy);
  }

  #snapshot(): LeaseSnapshot {
    const now = this.#invocation.clock.now();
    const { memory } = this.#invocation.worker;
    return {
      now,
      running: this.#board.running(),
      hasWaiting: this.#board.hasWaiting(),
      hasBegun: this.#board.hasBegun(),
      open: this.#progress.open,
      unended: this.#progress.open - this.#uploads.count,
      hasNews: this.#progress.hasNews,
      isFull: this.#progress.isFull,
      isReporting: this.#reports.isBusy,
      joinedAt: this.#reports.ahead && this.#reports.aheadSince,
      memoryExceeded: memory.isExceeded(now) ? memory.message : undefined,
      memoryAt: memory.nextAt,
      ...this.#invocation.pace.of(this.#lease.job),
    };
  }

  #carryOut(action: LeaseAction): void {
    switch (action.type) {
      case "stop":
        this.#invocation.worker.stop(action.position, action.cause.error.evalue);
        break;
      case "killThread":
        void this.#invocation.worker.kill();
        break;
      case "endWaiting":
        for (const position of this.#board.cutWaiting()) this.#progress.settle(position, action.cause);
        break;
      case "returnWaiting":
        this.#returnWaiting();
        break;
      case "report":
        this.#uploads.flush();
        if (this.#progress.open > 0)
          this.#reports.send(this.#progress.takePart(), this.#invocation.have(), action.asksForMore);
        break;
      case "heartbeat":
        void this.#beat(action.position);
        break;
      default:
        action satisfies never;
    }
  }

  #returnWaiting(): void {
    for (const position of this.#board.cutWaiting()) this.#progress.giveBack(position);
  }

  async #beat(position: number | undefined): Promise<void> {
    const { seq } = this.#reports;
    // A task that blocks the thread cannot announce its output.
    if (position !== undefined) this.#heartbeats.note(position, this.#invocation.worker.written(position));
    const answer = await this.#heartbeats.send(seq);
    this.#clock.heartbeatOver();
    if (answer) this.#heed(answer, seq);
    this.#alarm.ring();
  }

  /** @param seq the number that the lease had when the heartbeat was sent */
  #heed(answer: EngineAnswer, seq: number): void {
    // A heartbeat that a partial report has overtaken used an old number of the lease, so its refusal does not count.
    if (answer.type === "refused" && seq === this.#reports.seq && !this.#reports.isBusy)
      this.#reports.refusal = answer.message;
    if (answer.type !== "alive") return;
    const lease = { progress: this.#progress, board: this.#board, clock: this.#clock };
    for (const action of abortTasks(answer.aborting, lease, this.#invocation.clock.now())) this.#carryOut(action);
    this.#invocation.parked.abort(answer.parked);
  }

  results(results: TaskResult[]): void {
    for (const result of results) this.#results.take(result);
    const pace = this.#invocation.pace.of(this.#lease.job);
    if (this.#progress.isFull || this.#clock.isNearEnd(this.#progress.open - this.#uploads.count, pace))
      this.#alarm.ring();
  }

  stored(bytes: number): void {
    this.#invocation.worker.stored(bytes);
    this.#alarm.ring();
  }

  ran(ms: number): void {
    this.#invocation.pace.ran(this.#lease.job, ms);
  }

  output(position: number): void {
    this.#heartbeats.note(position, this.#invocation.worker.written(position));
    this.#clock.hasOutput(this.#invocation.clock.now());
    this.#alarm.ring();
  }

  /** Parks the task in its thread. Unstarted tasks return to the queue: other engines may be free for them. */
  waits(position: number): void {
    const { startedAt } = this.#board.running() ?? { startedAt: this.#invocation.clock.now() };
    this.#board.park(position);
    this.#progress.park(position);
    const { worker, times, clock, parked } = this.#invocation;
    const index = this.#progress.indexOf(position);
    const about = { job: this.#lease.job, index, position, startedAt, limits: this.#clock.terms.limits, times };
    const shared = { board: this.#board, uploads: this.#uploads, clock };
    const task = new ParkedTask({ ...about, ...shared }, (listener) => worker.detach(listener));
    const cause = this.#clock.causeOf(position);
    if (cause) task.stop(cause);
    parked.add(task);
    this.#returnWaiting();
    this.#endWork();
  }

  /** Records that the worker has left the lease. Stores results that wait to share a pack, because none will follow. */
  #endWork(): void {
    this.#uploads.flush();
    this.#isWorking = false;
    this.#alarm.ring();
  }

  done(): void {
    for (const position of this.#progress.openPositions())
      if (this.#board.isCut(position)) this.#progress.giveBack(position);
    this.#endWork();
  }

  /**
   * Ends the running task with the cause of death, or returns it to the queue if it is not to blame. Tasks whose
   * results died with the thread return too. A new thread runs unstarted tasks, unless too little time is left.
   */
  died(death: Death): void {
    const now = this.#invocation.clock.now();
    const lease = { progress: this.#progress, board: this.#board, clock: this.#clock };
    const { index, reason } = endRunning(death, lease, now);
    if (index !== undefined) void this.#invocation.views.abandon(taskId(this.#lease.job, index));
    this.#invocation.log.workerDied(this.#reports.seq, index, reason);
    // Results of tasks that are neither waiting nor being stored died with the worker.
    for (const position of this.#progress.openPositions())
      if (!this.#board.isWaiting(position) && !this.#uploads.has(position)) this.#progress.giveBack(position);
    this.#failedStarts = death.wasReady ? 0 : this.#failedStarts + 1;
    if (this.#failedStarts >= STARTS) this.#reports.noWorker(death.message);
    if (now >= this.#invocation.times.leaveAt) this.#returnWaiting();
    if (this.#board.hasWaiting() && !this.#isOver()) this.#invocation.worker.run(this.#lease, this.#sources, this);
    else this.#endWork();
    this.#alarm.ring();
  }
}
