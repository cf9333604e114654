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

  /** The error for a value that is no string, given its kind. */
  static ofKind(kind: string): InvalidId {
    return new InvalidId(kind, kind);
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
  /** Where in the function the captured variable is, as in `fn → helper → ws`. */
  readonly path: string;
  constructor(path: string, message: string, options?: { cause?: unknown }) {
    super(`${path}: ${message}`, options);
    this.path = path;
  }
}

/** A value that cannot be encoded. `path` is an accessor from the call, as in `args[0].a[0]`. */
export class CodecError extends FantailError {
  static override readonly code: string = "CodecError";
  /** Where in the call the value is, as in `args[0].a[0]`. */
  readonly path: string;
  constructor(path: string, message: string, options?: { cause?: unknown }) {
    super(`${path}: ${message}`, options);
    this.path = path;
  }
}

/** Thrown by a task to make the scheduler run it on another engine. Spends no attempt. */
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

/** The result did not arrive within the time given to `get`. The task keeps running. */
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

/** The operation requires a finished task. */
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

/** A message or value exceeds the service's limit. */
export class PayloadTooLarge extends FantailError {
  static override readonly code: string = "PayloadTooLarge";
}

/** Reserved for a flag `budgetUsd`, which does not exist yet. Never thrown. */
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
  /** The name that is not defined. */
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
 * A message that the cluster rejected. The scheduler rejects a malformed message, a submission whose parts contradict
 * each other, and an idempotency key whose job was purged. The report function rejects a task's request that its
 * session does not allow.
 */
export class Refused extends FantailError {
  static override readonly code: string = "Refused";
}

/**
 * An internal cluster failure, not caused by the caller; see `cause`. It is retryable if AWS was busy or failed
 * internally, or if the network failed.
 */
export class ClusterError extends FantailError {
  static override readonly code: string = "ClusterError";
  readonly #retryable: boolean;

  /** @param options its cause, and whether it is retryable; default: whether the cause may pass */
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
