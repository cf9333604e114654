import { type Inspect, remoteStack, setLazyStack, shownError } from "./error-display.ts";
import { FantailError } from "./fantail-error.ts";
import { INSPECT } from "./inspection.ts";

/** The encoded fields of a task's failure. */
export interface RemoteFailure {
  /** Name of the class that was thrown on the engine. */
  ename: string;
  /** Message of the thrown value. */
  evalue: string;
  /** The engine's stack, cut to the user's frames. */
  traceback: string;
  engineId: number | undefined;
  taskId: string;
  /** Name of the item that failed: its index in the result, and its arguments, shortened, if known. */
  item?: string | undefined;
  /** Returns the user's frames of the call that submitted the task, one per line; called when the stack is read. */
  submittedAt?: (() => string) | undefined;
  /** What to do about the failure, if known. */
  advice?: string | undefined;
}

/**
 * An error that the user's function threw, as the client sees it. `cause` is the thrown error's own cause, decoded; if
 * the thrown value is not an error, the value itself. `stack` shows the user's own files: where the error was thrown,
 * then where the task was submitted.
 */
export class RemoteError extends FantailError {
  static override readonly code: string = "RemoteError";
  /** Class name of the thrown value. */
  readonly ename: string;
  /** Message of the thrown value. */
  readonly evalue: string;
  /** The thrown value's stack on the engine, cut to the frames of your own code. */
  readonly traceback: string;
  /** Id of the engine on which the task failed; undefined if the task did not run. */
  readonly engineId: number | undefined;
  /** Id of the task that failed. */
  readonly taskId: string;
  /** The thrown value itself, decoded, with its own fields; undefined if it could not be encoded, or is too long. */
  readonly thrown: unknown;
  constructor(failure: RemoteFailure, options?: { cause?: unknown; thrown?: unknown }) {
    const { ename, evalue, taskId, engineId } = failure;
    const message = ename === new.target.code ? evalue : `${ename}: ${evalue}`;
    const item = failure.item === undefined ? "" : `${failure.item}; `;
    const where = `(${item}task ${taskId}${engineId === undefined ? "" : `, engine ${engineId}`})`;
    super(`${message} ${where}${failure.advice === undefined ? "" : `\n  ${failure.advice}`}`, options);
    this.ename = failure.ename;
    this.evalue = failure.evalue;
    this.traceback = failure.traceback;
    this.engineId = failure.engineId;
    this.taskId = failure.taskId;
    this.thrown = options?.thrown;
    const head = `${this.name}: ${this.message}`;
    setLazyStack(this, () => remoteStack(head, failure.traceback, failure.submittedAt?.() ?? ""));
  }

  /** What `console.log` shows: the error with the fields of the thrown value, and its causes. */
  [INSPECT](_depth: number, options: object, inspect: Inspect): string {
    const { thrown, cause, taskId, engineId } = this;
    const fields = thrown instanceof Error ? thrown : {};
    const errors = thrown instanceof AggregateError ? { errors: thrown.errors } : {};
    const shown = shownError(
      this,
      { ...fields, taskId, engineId },
      { ...(cause === undefined ? {} : { cause }), ...errors },
    );
    return inspect(shown, options);
  }
}

/**
 * The engine died while running the task (crash, `process.exit`, out of memory, or the function's timeout), or the
 * cluster could not run it, for example because stored code is missing.
 */
export class EngineError extends RemoteError {
  static override readonly code: string = "EngineError";
  override get retryable(): boolean {
    return true;
  }
}

/** The task was in the queue for longer than `timeoutMs`, or did not finish by `deadlineMs`. */
export class TaskTimeout extends RemoteError {
  static override readonly code: string = "TaskTimeout";
  override get retryable(): boolean {
    return true;
  }
}

/** One attempt ran longer than `runTimeoutMs`, or longer than an invocation of its engine may last. */
export class RunTimeout extends RemoteError {
  static override readonly code: string = "RunTimeout";
  override get retryable(): boolean {
    return true;
  }
}

/** The task was aborted before it finished, or its submission was never completed. */
export class TaskAborted extends RemoteError {
  static override readonly code: string = "TaskAborted";
}

/** The task was not started, because its job's spending had reached `budgetUsd`. */
export class BudgetExceeded extends RemoteError {
  static override readonly code: string = "BudgetExceeded";
  /** What the job had spent, in US dollars. */
  readonly spentUsd: number;
  /** The job's budget, in US dollars. */
  readonly budgetUsd: number;
  constructor(failure: RemoteFailure & { spent: number; budget: number }, options?: { cause?: unknown }) {
    super(failure, options);
    this.spentUsd = failure.spent;
    this.budgetUsd = failure.budget;
  }
}

/** The task can no longer run, because of the task that `dependency` names, or because no engine can run it. */
export class ImpossibleDependency extends RemoteError {
  static override readonly code: string = "ImpossibleDependency";
  /** Id of the parent task that makes this task impossible; undefined if no engine can run the task. */
  readonly dependency: string | undefined;
  /** What happened to the parent task, such as `failed`; otherwise why no engine can run the task. */
  readonly reason: string;
  constructor(
    failure: RemoteFailure & { dependency?: string; reason?: string },
    options?: { cause?: unknown; thrown?: unknown },
  ) {
    super(failure, options);
    this.dependency = failure.dependency;
    this.reason = failure.reason ?? failure.evalue;
  }
}
