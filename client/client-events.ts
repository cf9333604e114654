import type { EntryStatus } from "../lambdas/protocol/outcome-page.ts";
import type { EngineStatus } from "../lambdas/protocol/scheduler-answer.ts";
import type { StatusMessage } from "../lambdas/protocol/scheduler-messages.ts";
import { taskId } from "../lambdas/protocol/task-id.ts";
import type { Clock } from "./cluster/clock.ts";
import type { KnownCluster } from "./cluster/known-cluster.ts";
import { refusal } from "./cluster/refusal.ts";
import type { SchedulerFunction } from "./cluster/scheduler-function.ts";
import type { JobRegistry } from "./outcomes/job-registry.ts";
import type { OutcomePoller } from "./outcomes/outcome-poller.ts";
import type { JobOutcomes } from "./outcomes/outcome-store.ts";
import type { SubmissionHistory } from "./submit/submission-history.ts";
import type { Submitter } from "./submit/submitter.ts";

/** Pause between two polls of the engines and the queue, in milliseconds. */
const POLL_MS = 1000;

const STATUS = JSON.stringify({ type: "status" } satisfies StatusMessage);

/** The events of `client.on`, by name, with the argument that each passes to its listeners. */
export interface ClientEvents {
  /**
   * A task has finished: one of this client's, or one whose outcome this client reads. `engineId` is undefined if no
   * engine ran it.
   */
  task: { taskId: string; status: EntryStatus; engineId: number | undefined };
  /** An engine has joined or left the cluster. `client.ids` is refreshed first. */
  engine: { engineId: number; pool: string; change: "joined" | "left" };
  /** The number of tasks on some engine has changed. `loads`: number of tasks by engine id. */
  queue: { loads: Record<number, number> };
}

/** The parts of a client that follow tasks and poll engines. */
interface Watching {
  clock: Clock;
  cluster: KnownCluster;
  scheduler: SchedulerFunction;
  jobs: JobRegistry;
  poller: OutcomePoller;
  history: SubmissionHistory;
  submitter: Submitter;
}

type Listener<Name extends keyof ClientEvents> = (event: ClientEvents[Name]) => void;

/**
 * Emits a client's events while there are listeners for them.
 *
 * Task events come from outcomes: while there is a `task` listener, the client polls for outcomes even if nothing
 * awaits them. Engine and queue events come from polling the status once a second.
 */
export class EventHub {
  readonly #ports: Watching;
  readonly #listeners: { [Name in keyof ClientEvents]: Set<Listener<Name>> } = {
    task: new Set(),
    engine: new Set(),
    queue: new Set(),
  };
  /** Jobs polled for `task` listeners, each with the function that stops the polling. */
  readonly #watched = new Map<JobOutcomes, () => void>();
  #engines: readonly EngineStatus[] | undefined;
  #cancelPoll: (() => void) | undefined;
  #isClosed = false;

  constructor(ports: Watching) {
    this.#ports = ports;
  }

  /** Calls `listener` on each event until the returned function is called. */
  on<Name extends keyof ClientEvents>(name: Name, listener: Listener<Name>): () => void {
    this.#ports.submitter.assertOpen();
    const listeners: Set<Listener<Name>> = this.#listeners[name];
    listeners.add(listener);
    if (name === "task") for (const { job } of this.#ports.history.outstanding()) void this.#watchJob(job);
    else if (this.#cancelPoll === undefined) this.#pollLater(0);
    return () => {
      listeners.delete(listener);
      this.#rest();
    };
  }

  /** Called when a job has been submitted. Watches it if there are `task` listeners. */
  submitted(outcomes: JobOutcomes): void {
    if (this.#listeners.task.size > 0) this.#watch(outcomes);
  }

  /** Called when this process learns that a task has finished. Emits a `task` event. */
  ended(outcomes: JobOutcomes, task: number): void {
    if (this.#listeners.task.size === 0) return;
    if (outcomes.missing === 0) this.#release(outcomes);
    const { status = "ok", engine } = outcomes.final(task) ?? {};
    this.#emit("task", { taskId: taskId(outcomes.job, task), status, engineId: engine });
  }

  close(): void {
    this.#isClosed = true;
    for (const listeners of Object.values(this.#listeners)) listeners.clear();
    this.#rest();
  }

  #emit<Name extends keyof ClientEvents>(name: Name, event: ClientEvents[Name]): void {
    const listeners: Set<Listener<Name>> = this.#listeners[name];
    for (const listener of [...listeners]) {
      try {
        listener(event);
      } catch (error) {
        // An error in a listener must neither fail the task nor stop the polling for outcomes. Rethrow it outside of
        // both.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  /** Stops the polling that no listener needs any more. */
  #rest(): void {
    if (this.#listeners.task.size === 0) for (const outcomes of [...this.#watched.keys()]) this.#release(outcomes);
    if (this.#listeners.engine.size > 0 || this.#listeners.queue.size > 0) return;
    this.#cancelPoll?.();
    this.#cancelPoll = undefined;
    this.#engines = undefined;
  }

  async #watchJob(job: string): Promise<void> {
    const outcomes = await this.#ports.jobs.load(job).catch(() => undefined);
    if (outcomes) this.submitted(outcomes);
  }

  #watch(outcomes: JobOutcomes): void {
    if (this.#watched.has(outcomes) || this.#isClosed) return;
    const begin = () => {
      if (this.#watched.get(outcomes) !== release || !outcomes.header) return;
      const { tasks } = outcomes.header;
      if (outcomes.missing === 0) return this.#release(outcomes);
      ends.push(outcomes.waiters.add(0, tasks, nothing, nothing), this.#ports.poller.watch(outcomes, true));
    };
    const ends: (() => void)[] = [];
    const release = () => {
      for (const end of ends) end();
    };
    this.#watched.set(outcomes, release);
    outcomes.submitted.then(begin, () => this.#release(outcomes));
  }

  #release(outcomes: JobOutcomes): void {
    this.#watched.get(outcomes)?.();
    this.#watched.delete(outcomes);
  }

  #pollLater(ms: number): void {
    this.#cancelPoll = this.#ports.clock.after(ms, () => void this.#poll());
  }

  async #poll(): Promise<void> {
    const cancel = this.#cancelPoll;
    try {
      const answer = await this.#ports.scheduler.ask(STATUS);
      if (answer.type === "error") throw refusal(answer);
      if (answer.type === "status" && cancel === this.#cancelPoll) {
        this.#ports.cluster.saw(answer.status);
        this.#compare(answer.status.engines);
      }
    } catch {
      // Ignore the error: the next poll may succeed, and code that awaits results learns of a failing cluster from its
      // own polling.
    }
    if (cancel !== undefined && cancel === this.#cancelPoll) this.#pollLater(POLL_MS);
  }

  /** Emits changes to the engines since the previous poll. The first poll emits nothing. */
  #compare(engines: readonly EngineStatus[]): void {
    const before = this.#engines;
    this.#engines = engines;
    if (before === undefined) return;
    const announce = (some: readonly EngineStatus[], others: readonly EngineStatus[], change: "joined" | "left") => {
      const known = new Set(others.map(({ id }) => id));
      for (const { id, pool } of some) if (!known.has(id)) this.#emit("engine", { engineId: id, pool, change });
    };
    // A drained engine counts as removed, although it still finishes its tasks.
    const open = (all: readonly EngineStatus[]) => all.filter(({ state }) => state === "open");
    announce(open(engines), open(before), "joined");
    announce(open(before), open(engines), "left");
    const loads = (all: readonly EngineStatus[]) => Object.fromEntries(all.map(({ id, load }) => [id, load]));
    if (JSON.stringify(loads(engines)) !== JSON.stringify(loads(before)))
      this.#emit("queue", { loads: loads(engines) });
  }
}

function nothing(): void {}
