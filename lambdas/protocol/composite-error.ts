import {
  compositeMessage,
  firstFrames,
  type Inspect,
  isBeingShown,
  setLazyStack,
  shownError,
} from "./error-display.ts";
import { FantailError } from "./fantail-error.ts";
import { INSPECT } from "./inspection.ts";
import { RemoteError } from "./remote-error.ts";

/** The failures of a map: `errors[k]` is the error of the item at `indexes[k]`. */
export class CompositeError extends FantailError {
  static override readonly code: string = "CompositeError";
  /** One error per failed item. */
  declare readonly errors: readonly Error[];
  /** For each of `errors`, the position of its item in the result. */
  declare readonly indexes: readonly number[];
  /** Whether all of `errors` are retryable. */
  override get retryable(): boolean {
    return this.errors.every((error) => error instanceof FantailError && error.retryable);
  }
  /** @param total number of items, failed or not */
  constructor(errors: readonly Error[], indexes: readonly number[], total?: number) {
    const failures = errors.map((error, at) => ({ index: indexes[at] ?? at, message: failureLabel(error) }));
    super(compositeMessage(failures, total));
    // Hide `errors` while Node displays this error, because the message already covers them.
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

/** A failure's class and message without the ids of task and engine, so that equal failures can be grouped. */
function failureLabel(error: Error): string {
  if (!(error instanceof RemoteError)) return `${error.name}: ${error.message}`;
  return `${error.ename}: ${error.evalue}`;
}
