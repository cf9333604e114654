import {
  compositeMessage,
  firstFrames,
  INSPECT,
  type Inspect,
  isBeingShown,
  remoteStack,
  setLazyStack,
  shownError,
} from "./error-display.ts";

/**
 * Base class of all errors that fantail throws or rejects with. `code` is stable; the message says what happened, to
 * which thing, and what to do.
 */
export class FantailError extends Error {
  /** The code of the class's errors. Unlike the class's name, it survives minifiers. */
  static readonly code: string = "FantailError";
  /** Stable name of the kind of error, equal to the class's name. */
  readonly code: string;

  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = new.target.code;
    this.name = new.target.code;
  }

  /**
   * Recognises errors of other copies of fantail too: a task's view is bundled separately from the engine that runs it.
   */
  static override [Symbol.hasInstance](value: unknown): boolean {
    // biome-ignore lint/complexity/noThisInStatic: `this` is the class tested against, which may be a subclass
    return isInstance(this, value);
  }
}

function isInstance(asked: typeof FantailError, value: unknown): boolean {
  if (Function.prototype[Symbol.hasInstance].call(asked, value)) return true;
  if (!(value instanceof Error) || !Object.hasOwn(asked, "code")) return false;
  // Reads nothing from the value itself: it may be a Proxy that throws.
  for (let made: unknown = Object.getPrototypeOf(value); made; made = Object.getPrototypeOf(made)) {
    const maker: unknown = Object.getOwnPropertyDescriptor(made, "constructor")?.value;
    if (typeof maker !== "function" || !Object.hasOwn(maker, "code")) continue;
    if (Reflect.get(maker, "code") === asked.code) return true;
  }
  return false;
}

/** A string that is not a task or job id. */
export class InvalidId extends FantailError {
  static override readonly code: string = "InvalidId";
  /** The string that was given. */
  readonly id: string;
  constructor(id: string) {
    super(`${JSON.stringify(id.slice(0, 80))} is not an id: a task id is <job>.<index>, as in AsyncResult.taskIds`);
    this.id = id;
  }
}

/** A flag with an unknown name or an invalid value. Thrown before anything is sent. */
export class InvalidFlag extends FantailError {
  static override readonly code: string = "InvalidFlag";
  /** Name of the flag, option or prop, as in `engines[0].count`. */
  readonly flag: string;
  constructor(flag: string, message: string) {
    super(`flag ${flag}: ${message}`);
    this.flag = flag;
  }
}

/** A function that cannot be sent. `path` names the captured variable, as in `fn → helper → ws`. */
export class CaptureError extends FantailError {
  static override readonly code: string = "CaptureError";
  /** Where in the function it is, as in `fn → helper → ws`. */
  readonly path: string;
  constructor(path: string, message: string, options?: { cause?: unknown }) {
    super(`${path}: ${message}`, options);
    this.path = path;
  }
}

/** A value that cannot be encoded. `path` is an accessor from the call, as in `args[0].a[0]`. */
export class CodecError extends FantailError {
  static override readonly code: string = "CodecError";
  /** Where in the call it is, as in `args[0].a[0]`. */
  readonly path: string;
  constructor(path: string, message: string, options?: { cause?: unknown }) {
    super(`${path}: ${message}`, options);
    this.path = path;
  }
}

/** The encoded fields of a task's failure. */
export interface RemoteFailure {
  /** Name of the class that was thrown on the engine. */
  ename: string;
  /** Its message. */
  evalue: string;
  /** The engine's stack, cut to the user's frames. */
  traceback: string;
  engineId: number | undefined;
  taskId: string;
  /** Returns the user's frames of the call that submitted the task, one per line; called when the stack is read. */
  submittedAt?: (() => string) | undefined;
  /** What to do about it, if known. */
  hint?: string | undefined;
}

/**
 * What the user's function threw, as the client sees it. `cause` is the thrown error's own cause, decoded. `stack`
 * shows the user's own files: where the error was thrown, then where the task was submitted.
 */
export class RemoteError extends FantailError {
  static override readonly code: string = "RemoteError";
  /** Class name of the thrown value. */
  readonly ename: string;
  /** Its message. */
  readonly evalue: string;
  /** Its stack on the engine, cut to the frames of your own code. */
  readonly traceback: string;
  /** The engine that threw it; undefined if the task did not run. */
  readonly engineId: number | undefined;
  /** The task that failed. */
  readonly taskId: string;
  /** The thrown value itself, decoded, with its own fields; undefined if it could not be encoded. */
  readonly thrown: unknown;
  constructor(failure: RemoteFailure, options?: { cause?: unknown; thrown?: unknown }) {
    const { ename, evalue, taskId, engineId } = failure;
    const what = ename === new.target.code ? evalue : `${ename}: ${evalue}`;
    const where = `(task ${taskId}${engineId === undefined ? "" : `, engine ${engineId}`})`;
    super(`${what} ${where}${failure.hint === undefined ? "" : `\n  ${failure.hint}`}`, options);
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

/** The failures of a map: `errors[k]` is the error of the item at `indexes[k]`. */
export class CompositeError extends FantailError {
  static override readonly code: string = "CompositeError";
  /** One error per failed item. */
  declare readonly errors: readonly Error[];
  /** For each of `errors`, the position of its item in the result. */
  declare readonly indexes: readonly number[];
  /** @param total number of items, failed or not */
  constructor(errors: readonly Error[], indexes: readonly number[], total?: number) {
    const failures = errors.map((error, at) => ({ index: indexes[at] ?? at, message: whatFailed(error) }));
    super(compositeMessage(failures, total));
    // Hidden when Node displays an error, because the message already covers them.
    Object.defineProperty(this, "errors", { get: () => (isBeingShown() ? undefined : errors), configurable: true });
    Object.defineProperty(this, "indexes", { get: () => indexes, configurable: true, enumerable: true });
    const head = `${this.name}: ${this.message}`;
    setLazyStack(this, () => [head, ...firstFrames(errors[0]?.stack)].join("\n"));
  }

  /** What `console.log` shows: a few lines, however many items failed. */
  [INSPECT](_depth: number, options: object, inspect: Inspect): string {
    return inspect(shownError(this, {}, {}), options);
  }
}

/** A task's failure without its ids, so that equal ones are grouped. */
function whatFailed(error: Error): string {
  if (!(error instanceof RemoteError)) return `${error.name}: ${error.message}`;
  return `${error.ename}: ${error.evalue}`;
}

/** The engine died while running the task: crash, `process.exit`, out of memory, or the function's timeout. */
export class EngineError extends RemoteError {
  static override readonly code: string = "EngineError";
}

/** The task waited longer than `timeoutMs`, or did not finish by `deadlineMs`. */
export class TaskTimeout extends RemoteError {
  static override readonly code: string = "TaskTimeout";
}

/** One attempt ran longer than `runTimeoutMs`, or than its engine's invocation lasts. */
export class RunTimeout extends RemoteError {
  static override readonly code: string = "RunTimeout";
}

/** The task was aborted before it finished. */
export class TaskAborted extends RemoteError {
  static override readonly code: string = "TaskAborted";
}

/** Thrown by a task that wants to run on another engine. */
export class UnmetDependency extends FantailError {
  static override readonly code: string = "UnmetDependency";
  constructor(message = "this engine does not meet the task's dependency") {
    super(message);
  }
}

/** The task can no longer run, because of `dependency`. */
export class ImpossibleDependency extends RemoteError {
  static override readonly code: string = "ImpossibleDependency";
  /** Id of the parent task that makes it impossible; undefined if no engine can run the task. */
  readonly dependency: string | undefined;
  /** Why it can no longer run, such as `failed`. */
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

/** A dependency that can never be valid: an unknown id, the task itself, or a cycle. */
export class InvalidDependency extends FantailError {
  static override readonly code: string = "InvalidDependency";
}

/** The result did not arrive within the time given to `get`. The task keeps running. */
export class ResultTimeout extends FantailError {
  static override readonly code: string = "ResultTimeout";
}

/** Something was read from a result that is not there yet. */
export class NotReady extends FantailError {
  static override readonly code: string = "NotReady";
}

/** The operation requires a finished task. */
export class NotFinished extends FantailError {
  static override readonly code: string = "NotFinished";
  /** The task that has no outcome yet. */
  readonly taskId: string;
  constructor(taskId: string) {
    super(`task ${taskId} has not finished`);
    this.taskId = taskId;
  }
}

/** A view or task targets only engines that do not exist. */
export class NoEnginesRegistered extends FantailError {
  static override readonly code: string = "NoEnginesRegistered";
}

/** No running cluster or stack was found; the message lists what was tried. */
export class NoCluster extends FantailError {
  static override readonly code: string = "NoCluster";
}

/** A message or value exceeds the service's limit. */
export class PayloadTooLarge extends FantailError {
  static override readonly code: string = "PayloadTooLarge";
}

/** Reserved for a cost limit. Never thrown: there is no such flag. */
export class BudgetExceeded extends FantailError {
  static override readonly code: string = "BudgetExceeded";
}

/** A task id that the cluster does not know: never submitted, purged or expired. */
export class UnknownTask extends FantailError {
  static override readonly code: string = "UnknownTask";
}

/** Nothing was pushed to the engine under this name. */
export class NameError extends FantailError {
  static override readonly code: string = "NameError";
  /** The missing name. */
  readonly variable: string;
  /** The engine that lacks it. */
  readonly engineId: number;
  constructor(variable: string, engineId: number) {
    super(`${variable} is not defined on engine ${engineId}: push it there first`);
    this.variable = variable;
    this.engineId = engineId;
  }
}

/**
 * A function cannot be sent to a cluster that only runs deployed functions (`codeShipping: false`). Thrown before
 * anything is sent.
 */
export class CodeShippingOff extends FantailError {
  static override readonly code: string = "CodeShippingOff";
}

/** No function was deployed under this name, as far as the client knows. Thrown before anything is sent. */
export class UnknownFunction extends FantailError {
  static override readonly code: string = "UnknownFunction";
  /** Similar names of deployed functions. */
  readonly near: readonly string[];
  constructor(message: string, near: readonly string[] = []) {
    super(message);
    this.near = near;
  }
}

/** A `dbQuery` that cannot be answered; the message says why. */
export class InvalidQuery extends FantailError {
  static override readonly code: string = "InvalidQuery";
}

/**
 * A message that the report function did not accept: malformed, from another session, or about a lease that is not the
 * sender's.
 */
export class Refused extends FantailError {
  static override readonly code: string = "Refused";
}

/** An internal cluster failure, not caused by the caller; see `cause`. */
export class ClusterError extends FantailError {
  static override readonly code: string = "ClusterError";
}
