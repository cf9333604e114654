import { FantailError } from "./fantail-error.ts";

/**
 * Base class of InvalidArgument. Errors of its subclasses are `instanceof FantailError`, because that test compares
 * codes. They cannot extend FantailError itself, because they extend TypeError, which JavaScript's own functions throw
 * for invalid arguments.
 */
class FantailTypeError extends TypeError {
  static readonly code: string = FantailError.code;
}

/**
 * An invalid argument, such as a string where a function is expected. It is a TypeError, also by its name, and a
 * FantailError. Thrown by the call itself, before anything is sent.
 */
export class InvalidArgument extends FantailTypeError {
  /** Node displays errors by the name of their class. */
  static override readonly name: string = "TypeError";
  static override readonly code: string = "InvalidArgument";
  /** Always `InvalidArgument`. */
  readonly code: string = InvalidArgument.code;

  /** @see FantailError.retryable */
  get retryable(): boolean {
    return false;
  }
}
