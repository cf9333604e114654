import type { EntryStatus } from "../lambdas/protocol/outcome-page.ts";
import type { EngineStatus, StatusMessage } from "../lambdas/protocol/scheduler-messages.ts";
import { taskId } from "../lambdas/protocol/task-id.ts";
import type { Clock } from "./cluster/clock.ts";
import type { KnownCluster } from "./cluster/known-cluster.ts";
import { refusal } from "./cluster/refusal.ts";
import type { SchedulerDoor } from "./cluster/scheduler-door.ts";
import type { JobRegistry } from "./outcomes/job-registry.ts";
import type { OutcomePoller } from "./outcomes/outcome-poller.ts";
import type { JobOutcomes } from "./outcomes/outcome-store.ts";
import type { SubmissionHistory } from "./submit/submission-history.ts";
import type { Submitter } from "./submit/submitter.ts";

/** Pause between two looks at the engines and the queue. */
const LOOK_MS = 1000;

const STATUS = JSON.stringify({ type: "status" } satisfies StatusMessage);

/** What a client tells of, and to whom. */
export interface ClientEvents {
  /** A task of this client has ended. */
  task: { taskId: string; status: EntryStatus; engineId: number | undefined };
  /** An engine has joined the cluster, or left it. `client.ids` is refreshed before. */
  engine: { engineId: number; pool: string; change: "joined" | "left" };
  /** What engines hold has changed: tasks by engine id. */
  queue: { loads: Record<number, number> };
}

/** What hears of tasks, and looks at engines. */
interface Watching {
  clock: Clock;
  cluster: KnownCluster;
  door: SchedulerDoor;
  jobs: JobRegistry;
  poller: OutcomePoller;
  history: SubmissionHistory;
  submitter: Submitter;
}

type Listener<Name extends keyof ClientEvents> = (event: ClientEvents[Name]) => void;

/**
 * Tells listeners what happens, while there are any: of tasks, as their outcomes arrive, which makes the client ask for them
 * whether or not somebody awaits them; of engines and the queue, by a look each second.
 */
export class EventHub {
  readonly #ports: Watching;
  readonly #listeners: { [Name in keyof ClientEvents]: Set<Listener<Name>> } = {
    task: new Set(),
    engine: new Set(),
    queue: new Set(),
  };
  /** Jobs that are watched for the sake of task listeners. */
  readonly #watched = new Map<JobOutcomes, () => void>();
  #engines: readonly EngineStatus[] | undefined;
  #cancelLook: (() => void) | undefined;
  #isClosed = false;

  constructor(ports: Watching) {
    this.#ports = ports;
  }

  /** Calls `listener` at each event, until the returned function is called. */
  on<Name extends keyof ClientEvents>(name: Name, listener: Listener<Name>): () => void {
    this.#ports.submitter.assertOpen();
    const listeners: Set<Listener<Name>> = this.#listeners[name];
    listeners.add(listener);
    if (name === "task") for (const { job } of this.#ports.history.outstanding()) void this.#watchJob(job);
    else if (this.#cancelLook === undefined) this.#lookLater(0);
    return () => {
      listeners.delete(listener);
      this.#rest();
    };
  }

  /** A job was submitted. */
  submitted(outcomes: JobOutcomes): void {
    if (this.#listeners.task.size > 0) this.#watch(outcomes);
  }

  /** A task has ended, as this process hears. */
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
        // A listener's failure is not its task's; it must not end the reading of outcomes either.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  /** Ends what nobody listens to any more. */
  #rest(): void {
    if (this.#listeners.task.size === 0) for (const outcomes of [...this.#watched.keys()]) this.#release(outcomes);
    if (this.#listeners.engine.size > 0 || this.#listeners.queue.size > 0) return;
    this.#cancelLook?.();
    this.#cancelLook = undefined;
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

  #lookLater(ms: number): void {
    this.#cancelLook = this.#ports.clock.after(ms, () => void this.#look());
  }

  async #look(): Promise<void> {
    const cancel = this.#cancelLook;
    try {
      const answer = await this.#ports.door.ask(STATUS);
      if (answer.type === "error") throw refusal(answer);
      if (answer.type === "status" && cancel === this.#cancelLook) {
        this.#ports.cluster.saw(answer.status);
        this.#compare(answer.status.engines);
      }
    } catch {
      // The next look may succeed; who waits for results is told of a cluster that fails.
    }
    if (cancel !== undefined && cancel === this.#cancelLook) this.#lookLater(LOOK_MS);
  }

  /** The first look is what the others are compared with. */
  #compare(engines: readonly EngineStatus[]): void {
    const before = this.#engines;
    this.#engines = engines;
    if (before === undefined) return;
    const tell = (some: readonly EngineStatus[], others: readonly EngineStatus[], change: "joined" | "left") => {
      const known = new Set(others.map(({ id }) => id));
      for (const { id, pool } of some) if (!known.has(id)) this.#emit("engine", { engineId: id, pool, change });
    };
    // One that is drained has left, though it still finishes what it holds.
    const open = (all: readonly EngineStatus[]) => all.filter(({ state }) => state === "open");
    tell(open(engines), open(before), "joined");
    tell(open(before), open(engines), "left");
    const loads = (all: readonly EngineStatus[]) => Object.fromEntries(all.map(({ id, load }) => [id, load]));
    if (JSON.stringify(loads(engines)) !== JSON.stringify(loads(before)))
      this.#emit("queue", { loads: loads(engines) });
  }
}

function nothing(): void {}
