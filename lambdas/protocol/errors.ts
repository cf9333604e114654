import { FantailError } from "./fantail-error.ts";
import { isRetryable } from "./retryable-error.ts";

/** A value that is not a task or job id. */
export class InvalidId extends FantailError {
  static override readonly code: string = "InvalidId";
  /** The string that was given; for any other value, its kind, such as `a number`. */
  readonly id: string;
  constructor(id: string, shown = JSON.stringify(id.slice(0, 80))) {
    super(`${shown} is not an id: a task id is <job>.<index>, as in AsyncResult.taskIds`);
    this.id = id;
  }

  /** The error for a value that is not a string; `kind` says what it is, such as `a number`. */
  static ofKind(kind: string): InvalidId {
    return new InvalidId(kind, kind);
  }
}

/**
 * A flag, option or prop with an unknown name or an invalid value, or one that conflicts with another. Most are found
 * before anything is sent. Some are found by the scheduler, for example if no pool has as much memory as the job
 * requires; the job is then not stored.
 */
export class InvalidFlag extends FantailError {
  static override readonly code: string = "InvalidFlag";
  /** Name of the flag, option or prop, as in `engines[0].count`. */
  readonly flag: string;
  constructor(flag: string, message: string) {
    super(`flag ${flag}: ${message}`);
    this.flag = flag;
  }
}

/** A function that cannot be sent. `path` names the variable that prevents it, as in `fn → helper → ws`. */
export class CaptureError extends FantailError {
  static override readonly code: string = "CaptureError";
  /** Where in the function the captured variable is, as in `fn → helper → ws`. */
  readonly path: string;
  constructor(path: string, message: string, options?: { cause?: unknown }) {
    super(`${path}: ${message}`, options);
    this.path = path;
  }
}

/** A value that cannot be encoded or decoded. `path` is an accessor from the call, as in `args[0].a[0]`. */
export class CodecError extends FantailError {
  static override readonly code: string = "CodecError";
  /** Where the value is, as in `args[0].a[0]`. */
  readonly path: string;
  constructor(path: string, message: string, options?: { cause?: unknown }) {
    super(`${path}: ${message}`, options);
    this.path = path;
  }
}

/**
 * Thrown by a task to make the scheduler run it on another engine. This does not count as an attempt. If no other
 * engine can run the task, it ends with ImpossibleDependency, or waits if its flag `waitForNew` is set.
 */
export class UnmetDependency extends FantailError {
  static override readonly code: string = "UnmetDependency";
  constructor(message = "this engine does not meet the task's dependency") {
    super(message);
  }
}

/** A dependency that can never be valid: an unknown id, the task itself, or a cycle. */
export class InvalidDependency extends FantailError {
  static override readonly code: string = "InvalidDependency";
}

/** Results, or engines that a client waits for, did not arrive within the given time. Tasks keep running. */
export class ResultTimeout extends FantailError {
  static override readonly code: string = "ResultTimeout";
  override get retryable(): boolean {
    return true;
  }
}

/** Part of a result was read before it arrived. */
export class NotReady extends FantailError {
  static override readonly code: string = "NotReady";
  override get retryable(): boolean {
    return true;
  }
}

/** The operation requires a finished task, and this one has not finished. */
export class NotFinished extends FantailError {
  static override readonly code: string = "NotFinished";
  /** The task that has no outcome yet. */
  readonly taskId: string;
  override get retryable(): boolean {
    return true;
  }
  constructor(taskId: string) {
    super(`task ${taskId} has not finished: wait for it first`);
    this.taskId = taskId;
  }
}

/** A pool or engine that does not exist was named, or a pool without engines was targeted. */
export class NoEnginesRegistered extends FantailError {
  static override readonly code: string = "NoEnginesRegistered";
}

/** No running cluster or stack was found; the message lists what was tried. */
export class NoCluster extends FantailError {
  static override readonly code: string = "NoCluster";
  override get retryable(): boolean {
    return true;
  }
}

/** A value is too large to be sent, for example many results of other tasks as one task's argument. */
export class PayloadTooLarge extends FantailError {
  static override readonly code: string = "PayloadTooLarge";
}

/** A task id that the cluster does not know: never submitted, purged or expired. */
export class UnknownTask extends FantailError {
  static override readonly code: string = "UnknownTask";
}

/** Nothing was pushed to the engine under this name. */
export class NameError extends FantailError {
  static override readonly code: string = "NameError";
  /** The name that is not defined. */
  readonly variable: string;
  /** Id of the engine on which the name is not defined. */
  readonly engineId: number;
  constructor(variable: string, engineId: number) {
    super(`${variable} is not defined on engine ${engineId}: push it there first`);
    this.variable = variable;
    this.engineId = engineId;
  }
}

/**
 * A function cannot be sent to a cluster that only runs deployed functions (`codeShipping: false`). Thrown before
 * anything is stored, and before anything is sent if the client knows the cluster's setting.
 */
export class CodeShippingOff extends FantailError {
  static override readonly code: string = "CodeShippingOff";
}

/**
 * No function was deployed under this name. Thrown before anything is sent if the client knows the deployed names;
 * otherwise the scheduler or the engine finds out.
 */
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
 * A message that the cluster rejected. The scheduler rejects a malformed message, a submission whose parts contradict
 * each other, and an idempotency key whose job was purged. The report function rejects a task's request that its
 * session does not allow.
 */
export class Refused extends FantailError {
  static override readonly code: string = "Refused";
}

/**
 * A failure of the cluster or of the access to it; `cause` has the original error, if there is one. Most of these
 * errors are retryable only if AWS was busy or failed internally, or if the network failed.
 */
export class ClusterError extends FantailError {
  static override readonly code: string = "ClusterError";
  readonly #retryable: boolean;

  /**
   * @param options the error's `cause`, and whether it is `retryable`; default: whether the cause may pass by itself
   */
  constructor(message: string, { retryable, ...options }: { cause?: unknown; retryable?: boolean } = {}) {
    super(message, options);
    this.#retryable = retryable ?? isRetryable(options.cause);
  }

  override get retryable(): boolean {
    return this.#retryable;
  }
}

/** The S3 object with a large value is missing, truncated or changed. */
export class ValueLost extends ClusterError {
  static override readonly code: string = "ValueLost";
  override get retryable(): boolean {
    return false;
  }
}
