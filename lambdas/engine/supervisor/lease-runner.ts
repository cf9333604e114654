import type { BlobStore } from "../../adapters/blob-store.ts";
import type { Door } from "../../adapters/door.ts";
import { ClusterError } from "../../protocol/errors.ts";
import { holdsIndex, type IndexRange } from "../../protocol/index-ranges.ts";
import type { Grant } from "../../protocol/report-messages.ts";
import { taskId } from "../../protocol/task-id.ts";
import { epochNow } from "../messages/epoch-clock.ts";
import { LeaseBoard } from "../messages/lease-board.ts";
import { outputFields } from "../messages/shared-output.ts";
import type { TaskResult, WorkerLease } from "../messages/worker-messages.ts";
import { Alarm } from "./alarm.ts";
import { Heartbeat } from "./heartbeat.ts";
import { judgedOutcome } from "./judge-outcome.ts";
import { leaseForWorker } from "./lease-for-worker.ts";
import { type LeasePart, LeaseProgress } from "./lease-progress.ts";
import { LeaseReports } from "./lease-reports.ts";
import type { LeaseUnits } from "./lease-units.ts";
import { LiveOutputs } from "./live-outputs.ts";
import { ParkedTask } from "./parked-task.ts";
import type { ParkedTasks } from "./parked-tasks.ts";
import { ResultUploads } from "./result-uploads.ts";
import { TaskStops } from "./task-stops.ts";
import type { Death, LeaseListener, TaskWorker } from "./task-worker.ts";
import {
  abortedTask,
  type InvocationTimes,
  lostTask,
  missedDeadline,
  outOfMemory,
  type RunLimits,
  stopOf,
} from "./time-limits.ts";
import type { ViewService } from "./view-service.ts";

/** A lease that lasts this many times what was aimed at was a wrong guess: what has not started goes back. */
const OVERRUN = 2;

/** What has joined a lease and waited this many times what was aimed at goes back: longer than above, since a part is told for it alone. */
const HELD_UP = 10;

/** How soon to look again for what nobody tells. */
const LOOK_AGAIN_MS = 20;

/** A task that has run so long is worth asking for more work beside it: shorter ones are over before the answer comes. */
const ASK_AHEAD_MS = 10;

/** Tasks without an outcome, the running one included, from which on more work is asked for. */
const ASK_AHEAD_TASKS = 2;

/** A worker that dies so often before it takes a lease will never take one. */
const STARTS = 3;

/** What an invocation holds: who it is to the door, and what it works with. */
export interface Engine {
  door: Door;
  blobs: BlobStore;
  worker: TaskWorker;
  who: { engine: number; session: string; nonce: string };
  times: InvocationTimes;
  /** Tasks of earlier leases that wait for tasks of their own. */
  parked: ParkedTasks;
  /** What serves the views of its tasks. */
  views: ViewService;
  /** Hashes of the units held. */
  have(): string[];
}

/** What became of a lease: `seq` is the number that it has by now. */
export type LeaseEnd =
  /** `ahead`: tasks that have joined the lease meanwhile, to go on with before the end of these is told. */
  | { type: "done"; seq: number; progress: LeaseProgress; ahead: Grant | undefined }
  | { type: "refused"; message: string };

/**
 * Runs one lease in the worker and resolves when each of its tasks has an outcome or was given back.
 *
 * Meanwhile it keeps time, heartbeats, acts on aborts, tells of parts, and replaces a worker that a task killed.
 *
 * @throws ClusterError when a partial report fails for good, or no worker starts
 */
export async function runLease(
  grant: Grant,
  units: LeaseUnits,
  engine: Engine,
  carried?: LeasePart,
): Promise<LeaseEnd> {
  return new LeaseRunner(grant, units, engine, carried).run();
}

class LeaseRunner implements LeaseListener {
  readonly #grant: Grant;
  readonly #engine: Engine;
  readonly #units: LeaseUnits;
  readonly #board: LeaseBoard;
  readonly #lease: WorkerLease;
  readonly #progress: LeaseProgress;
  readonly #limits: RunLimits;
  readonly #alarm = new Alarm();
  readonly #heartbeat = new Heartbeat(epochNow());
  readonly #outputs = new LiveOutputs();
  readonly #uploads: ResultUploads;
  readonly #stops: TaskStops;
  readonly #aimedMs: number;
  readonly #isKeeping: boolean;
  #mayAskAhead: boolean;
  readonly #reports: LeaseReports;
  /** First position that may still wait: the worker goes through them in order. */
  #firstWaiting = 0;
  #overrunAt: number | undefined;
  #isWorking = true;
  #failedStarts = 0;

  constructor(grant: Grant, units: LeaseUnits, engine: Engine, carried?: LeasePart) {
    const { tasks, runTimeoutMs, deadlineAt } = grant;
    this.#grant = grant;
    this.#engine = engine;
    this.#units = units;
    this.#board = LeaseBoard.of(tasks.length);
    this.#progress = new LeaseProgress(grant, carried);
    this.#uploads = new ResultUploads(engine.blobs);
    this.#stops = new TaskStops(this.#board, engine.worker, engine.times.graceMs);
    this.#limits = { runTimeoutMs, deadlineAt };
    this.#reports = new LeaseReports(engine.door, engine.who, grant.seq, () => {
      this.#heartbeat.postpone(epochNow());
      this.#alarm.ring();
    });
    this.#aimedMs = OVERRUN * grant.aimMs;
    this.#isKeeping = grant.keep ?? false;
    this.#mayAskAhead = grant.ahead ?? false;
    this.#lease = leaseForWorker(grant, units, this.#board, engine.who.engine, engine.times.endsAt);
  }

  async run(): Promise<LeaseEnd> {
    const { worker } = this.#engine;
    worker.run(this.#lease, this.#units.sources, this);
    try {
      while (!this.#isOver()) {
        await this.#alarm.wait(this.#nextTime() - epochNow());
        this.#supervise(epochNow());
      }
      // Its tasks are somebody else's by now.
      if (this.#reports.isCutShort) await worker.end();
    } finally {
      this.#heartbeat.end();
      worker.release();
    }
    const { seq, ahead, refusal, failure } = this.#reports;
    if (failure !== undefined) throw failure;
    if (refusal !== undefined) return { type: "refused", message: refusal };
    return { type: "done", seq, progress: this.#progress, ahead };
  }

  #isOver(): boolean {
    if (this.#reports.isCutShort) return true;
    return !this.#isWorking && this.#progress.open === 0 && !this.#reports.isBusy;
  }

  #supervise(now: number): void {
    if (this.#isOver()) return;
    this.#keepTime(now);
    this.#reportPart(now);
    this.#askAhead(now);
    this.#beat(now);
  }

  /** When the supervisor must look again, whatever the worker says. */
  #nextTime(): number {
    const { times } = this.#engine;
    const { runTimeoutMs, deadlineAt } = this.#limits;
    const next = [times.endsAt, this.#engine.worker.memory.nextAt];
    const running = this.#board.running();
    const killAt = running && this.#stops.killAt(running.position);
    if (killAt !== undefined) next.push(killAt);
    else if (running) next.push(stopOf(running.startedAt, this.#limits, times).at);
    // What starts from now on is not late before this.
    if (runTimeoutMs !== undefined) next.push(epochNow() + runTimeoutMs);
    if (running && this.#isNearItsEnd()) next.push(running.startedAt + ASK_AHEAD_MS);
    if (this.#hasWaiting()) {
      // Nobody tells when the first task starts.
      const cutAt = this.#cutAt();
      next.push(Number.isFinite(cutAt) ? cutAt : epochNow() + LOOK_AGAIN_MS, deadlineAt ?? Number.POSITIVE_INFINITY);
    }
    if (!this.#reports.isBusy) next.push(this.#heartbeat.nextAt, this.#aheadCutAt());
    // At least a turn of the event loop, also when a time has passed and its cure is under way.
    return Math.max(Math.min(...next), epochNow() + (this.#stops.isEndingWorker ? LOOK_AGAIN_MS : 1));
  }

  /** Stops what has run for too long, ends the worker of what would not stop, takes off what may no longer start. */
  #keepTime(now: number): void {
    const { times } = this.#engine;
    const running = this.#board.running();
    if (running) {
      const { at, cause } = stopOf(running.startedAt, this.#limits, times);
      if (now >= at) this.#stops.stop(running.position, cause, now);
    }
    const { memory } = this.#engine.worker;
    if (memory.isExceeded(now) && running) this.#stops.kill(running.position, outOfMemory(memory.message), now);
    this.#stops.enforce(now);
    const { deadlineAt } = this.#limits;
    if (deadlineAt !== undefined && now >= deadlineAt)
      this.#cutWaiting((position) => this.#progress.settle(position, missedDeadline()));
    if (now >= times.endsAt) this.#cutWaiting((position) => this.#progress.giveBack(position));
  }

  #hasWaiting(): boolean {
    while (this.#firstWaiting < this.#board.tasks && !this.#board.isWaiting(this.#firstWaiting)) this.#firstWaiting++;
    return this.#firstWaiting < this.#board.tasks;
  }

  #cutWaiting(taken: (position: number) => void): void {
    if (!this.#hasWaiting()) return;
    for (let position = this.#firstWaiting; position < this.#board.tasks; position++)
      if (this.#board.cut(position)) taken(position);
  }

  /**
   * When the lease was a wrong guess. Counted from the first start, as the first lease of a cold environment
   * waits for its thread; and never before, or a slow start would return all, for ever.
   */
  #cutAt(): number {
    if (this.#firstWaiting === 0) return Number.POSITIVE_INFINITY;
    this.#overrunAt ??= epochNow() + this.#aimedMs;
    return Math.min(this.#overrunAt, this.#engine.times.leaveAt);
  }

  /** When what has joined the lease has waited for too long behind what runs: others may be free for it. */
  #aheadCutAt(): number {
    const { ahead, aheadSince } = this.#reports;
    return ahead && this.#progress.open > 0 ? aheadSince + HELD_UP * this.#grant.aimMs : Number.POSITIVE_INFINITY;
  }

  /** Tells what is done when that is due and something still runs; the end of a lease is told by the session. */
  #reportPart(now: number): void {
    if (this.#reports.isBusy) return;
    const isLate = this.#hasWaiting() && now >= this.#cutAt();
    // What has joined goes back with any part, as none tells of it.
    const isHoldingUp = now >= this.#aheadCutAt();
    if (!isLate && !isHoldingUp && !this.#progress.isFull) return;
    // Where the high-water mark is explicit, the tasks are this engine's while it has time.
    const isKept = (this.#isKeeping || !isLate) && now < this.#engine.times.leaveAt;
    if (!isKept) this.#cutWaiting((position) => this.#progress.giveBack(position));
    this.#overrunAt = now + this.#aimedMs;
    if (this.#progress.open === 0 || (isKept && !isHoldingUp && !this.#progress.hasNews)) return;
    this.#reports.tell(this.#progress.takePart(), this.#engine.have());
  }

  #isNearItsEnd(): boolean {
    return this.#mayAskAhead && this.#progress.open <= ASK_AHEAD_TASKS;
  }

  /** While the last tasks run: tells of the others, and asks for work to go on with. */
  #askAhead(now: number): void {
    if (!this.#isNearItsEnd() || this.#reports.isBusy || now >= this.#engine.times.leaveAt) return;
    const running = this.#board.running();
    if (!running || now < running.startedAt + ASK_AHEAD_MS) return;
    this.#mayAskAhead = false;
    this.#reports.tell(this.#progress.takePart(), this.#engine.have(), true);
  }

  #beat(now: number): void {
    const { door, who } = this.#engine;
    if (this.#reports.isBusy || !this.#heartbeat.isDue(now)) return;
    const seq = this.#reports.seq;
    // Also what a task wrote that keeps the thread to itself, and so tells of nothing.
    const position = this.#board.running()?.position;
    if (position !== undefined) this.#noteOutput(position);
    const untold = this.#outputs.pending((position) => this.#progress.isOpen(position));
    const outputs = untold.map(([position, written]) => ({ index: this.#progress.indexOf(position), ...written }));
    const output = outputs.length > 0 ? { output: outputs } : {};
    this.#heartbeat.send(
      now,
      position,
      (signal) => door.send({ type: "heartbeat", ...who, seq, ...output }, signal),
      (answer) => {
        if (answer?.type === "alive") this.#outputs.told(untold);
        // A heartbeat that a partial report overtook asked about a lease that is no more.
        if (answer?.type === "refused" && seq === this.#reports.seq && !this.#reports.isBusy)
          this.#reports.refusal = answer.message;
        if (answer?.type === "alive") {
          this.#abort(answer.aborting);
          this.#engine.parked.abort(answer.parked);
        }
        this.#alarm.ring();
      },
    );
  }

  #abort(aborting: readonly IndexRange[]): void {
    if (aborting.length === 0) return;
    for (const position of this.#progress.openPositions()) {
      if (!holdsIndex(aborting, this.#progress.indexOf(position))) continue;
      if (this.#board.cut(position)) this.#progress.settle(position, abortedTask(false));
      else if (this.#board.hasStarted(position)) this.#stops.stop(position, abortedTask(true), epochNow());
    }
  }

  results(results: TaskResult[]): void {
    for (const result of results) {
      if (result.blobs === undefined) this.#settle(result);
      else void this.#store(result, result.blobs);
    }
    if (this.#progress.isFull || this.#isNearItsEnd()) this.#alarm.ring();
  }

  async #store(result: TaskResult, blobs: Uint8Array[]): Promise<void> {
    const failure = await this.#uploads.store(result.position, blobs);
    if (failure === undefined) this.#settle(result);
    else {
      const { value: _, ...rest } = result;
      this.#settle({ ...rest, ...lostTask(`its result could not be stored: ${failure}`) });
    }
    this.#engine.worker.stored(blobs.reduce((sum, blob) => sum + blob.byteLength, 0));
    this.#alarm.ring();
  }

  #settle(result: TaskResult): void {
    const { position } = result;
    this.#progress.settle(position, judgedOutcome(result, this.#stops.causeOf(position), this.#limits));
  }

  output(position: number): void {
    this.#noteOutput(position);
    this.#heartbeat.hurry(epochNow());
    this.#alarm.ring();
  }

  #noteOutput(position: number): void {
    const output = this.#engine.worker.written(position);
    if (output) this.#outputs.note(position, output);
  }

  /** The task keeps the thread that it waits in, and what has not started goes back: others may be free for it. */
  waits(position: number): void {
    const { startedAt } = this.#board.running() ?? { startedAt: epochNow() };
    this.#board.park(position);
    this.#progress.park(position);
    const { job } = this.#grant;
    const { worker, times, parked } = this.#engine;
    const index = this.#progress.indexOf(position);
    const about = { job, index, position, startedAt, limits: this.#limits, times };
    const shared = { board: this.#board, uploads: this.#uploads };
    const task = new ParkedTask({ ...about, ...shared }, (listener) => worker.detach(listener));
    const cause = this.#stops.causeOf(position);
    if (cause) task.stop(cause);
    parked.add(task);
    this.#cutWaiting((waiting) => this.#progress.giveBack(waiting));
    this.#isWorking = false;
    this.#alarm.ring();
  }

  done(): void {
    for (const position of this.#progress.openPositions())
      if (this.#board.isCut(position)) this.#progress.giveBack(position);
    this.#isWorking = false;
    this.#alarm.ring();
  }

  /** The running task ends as what killed it; what had ended but was not heard of goes back; the rest goes on. */
  died({ culprit: told, message, wasReady, isOutOfMemory, written }: Death): void {
    const now = epochNow();
    const killed = this.#stops.buried();
    const culprit = told ?? killed;
    const running = this.#board.running();
    if (running !== undefined) {
      const { position, startedAt } = running;
      const isInnocent = culprit !== undefined && culprit !== position;
      const cause =
        this.#stops.causeOf(position) ??
        (isInnocent ? undefined : isOutOfMemory ? outOfMemory(message) : lostTask(message));
      this.#board.end(position);
      const output = outputFields(written(position));
      if (cause) this.#progress.settle(position, { ...cause, started: startedAt, completed: now, ...output });
      void this.#engine.views.abandon(taskId(this.#grant.job, this.#progress.indexOf(position)));
    }
    for (const position of this.#unheard()) this.#progress.giveBack(position);
    this.#failedStarts = wasReady ? 0 : this.#failedStarts + 1;
    if (this.#failedStarts >= STARTS)
      this.#reports.failure ??= new ClusterError(`the worker thread could not be started: ${message}`);
    if (now >= this.#engine.times.leaveAt) this.#cutWaiting((position) => this.#progress.giveBack(position));
    if (this.#hasWaiting() && !this.#isOver()) this.#engine.worker.run(this.#lease, this.#units.sources, this);
    else this.#isWorking = false;
    this.#alarm.ring();
  }

  /** Tasks that are neither waiting nor settled nor being stored: their results died with the worker. */
  #unheard(): number[] {
    const open = this.#progress.openPositions();
    return open.filter((position) => !this.#board.isWaiting(position) && !this.#uploads.has(position));
  }
}
