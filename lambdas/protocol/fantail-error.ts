/**
 * Base class of all errors that fantail throws or rejects with. `code` is stable; the message says what happened, to
 * which thing, and what to do.
 */
export class FantailError extends Error {
  /** The code of the class's errors. Unlike the class's name, it survives minifiers. */
  static readonly code: string = "FantailError";
  /** Stable name of the kind of error, equal to the class's name. */
  readonly code: string;

  /**
   * Whether the same call may succeed later, without any change to it: AWS throttled it, the cluster could not be
   * reached, a time limit passed, an engine died, or a task has not finished yet. False for invalid input, and for an
   * error that a task threw itself.
   */
  get retryable(): boolean {
    return false;
  }

  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = new.target.code;
    this.name = new.target.code;
  }

  /**
   * Recognizes errors of other copies of fantail too. An engine has several copies, because the view of a task is
   * bundled separately.
   */
  static override [Symbol.hasInstance](value: unknown): boolean {
    // biome-ignore lint/complexity/noThisInStatic: `this` is the class tested against, which may be a subclass
    return isInstance(this, value);
  }
}

function isInstance(asked: typeof FantailError, value: unknown): boolean {
  if (Function.prototype[Symbol.hasInstance].call(asked, value)) return true;
  if (!(value instanceof Error) || !Object.hasOwn(asked, "code")) return false;
  // Read nothing from the value itself: it may be a Proxy that throws.
  for (let made: unknown = Object.getPrototypeOf(value); made; made = Object.getPrototypeOf(made)) {
    const maker: unknown = Object.getOwnPropertyDescriptor(made, "constructor")?.value;
    if (typeof maker !== "function" || !Object.hasOwn(maker, "code")) continue;
    if (Reflect.get(maker, "code") === asked.code) return true;
  }
  return false;
}
