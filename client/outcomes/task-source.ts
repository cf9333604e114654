import { taskId } from "../../lambdas/protocol/task-id.ts";
import type { JobOutcomes } from "./outcome-store.ts";
import type { LoadedSource, ResultSource } from "./result-source.ts";

/**
 * The source of one task's value. Its parts and its id are made on demand: a program may hold a result for each of
 * 100,000 tasks.
 */
export class TaskSource<T = unknown> implements ResultSource<T> {
  readonly outcomes: JobOutcomes;
  readonly task: number;
  readonly label: string | undefined;
  readonly returnExceptions: boolean | undefined;

  constructor(
    outcomes: JobOutcomes,
    task: number,
    { label, returnExceptions }: Pick<ResultSource<T>, "label" | "returnExceptions">,
  ) {
    this.outcomes = outcomes;
    this.task = task;
    this.label = label;
    this.returnExceptions = returnExceptions;
  }

  get loaded(): LoadedSource {
    const { outcomes, task } = this;
    return { parts: [{ outcomes, from: task, to: task + 1 }], shape: "value" };
  }

  /** The task's id: any process can see that the result is a single value. */
  get jobId(): string {
    return taskId(this.outcomes.job, this.task);
  }
}
