import { indexesOf } from "../../lambdas/protocol/index-ranges.ts";
import type { EndedTask, JobRow, JobUpdate } from "./live-data.ts";

/** The status of a task. */
export type TaskState = EndedTask[1] | "running" | "waiting" | "queued";

/** A task as the page lists it. Times are in milliseconds. */
export interface TaskRow {
  id: string;
  index: number;
  state: TaskState;
  engine: number | null;
  started: number | null;
  ran: number | null;
  attempts: number | null;
}

/** The filters of the list of tasks. */
export const TASK_FILTERS = ["all", "failed", "running", "queued", "waiting", "ok"] as const;
export type TaskFilter = (typeof TASK_FILTERS)[number];

/** The tasks of one job, as far as its page has received them. */
export class JobTasks {
  readonly #ended = new Map<number, EndedTask>();
  #held = new Map<number, { engine: number; since: number }>();
  #waiting: ReadonlySet<number> = new Set();
  #tasks = 0;

  /** Takes an update over. */
  add({ job, ended, held, waiting }: Pick<JobUpdate, "ended" | "held" | "waiting"> & { job: Pick<JobRow, "tasks"> }) {
    this.#tasks = job.tasks;
    for (const task of ended) this.#ended.set(task[0], task);
    this.#held = new Map(
      held.flatMap(({ engine, since, ranges }) =>
        [...indexesOf(ranges)].map((index) => [index, { engine, since }] as const),
      ),
    );
    this.#waiting = new Set(indexesOf(waiting));
  }

  /** The task with this index. */
  at(index: number): TaskRow {
    const ended = this.#ended.get(index);
    if (ended) {
      const [, state, engine, started, ran, attempts] = ended;
      return { id: `${index}`, index, state, engine, started, ran, attempts };
    }
    const held = this.#held.get(index);
    const [engine, started] = [held?.engine ?? null, held?.since || null];
    return { id: `${index}`, index, state: this.#unfinished(index), engine, started, ran: null, attempts: null };
  }

  /** The status of a task without an outcome. */
  #unfinished(index: number): TaskState {
    if (this.#held.has(index)) return "running";
    return this.#waiting.has(index) ? "waiting" : "queued";
  }

  /** Indexes of the tasks that a filter lets through, in order. */
  filtered(filter: TaskFilter): number[] {
    const indexes: number[] = [];
    for (let index = 0; index < this.#tasks; index++) if (this.#passes(index, filter)) indexes.push(index);
    return indexes;
  }

  #passes(index: number, filter: TaskFilter): boolean {
    if (filter === "all") return true;
    const status = this.#ended.get(index)?.[1];
    if (filter === "ok") return status === "ok";
    if (filter === "failed") return status !== undefined && status !== "ok";
    return status === undefined && this.#unfinished(index) === filter;
  }
}
