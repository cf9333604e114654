/** Whether V8 threw the error because the stack is full. Its other RangeErrors have other messages. */
export function isStackOverflow(error: unknown): boolean {
  return error instanceof RangeError && error.message === "Maximum call stack size exceeded";
}

/** Whether V8 threw the error because a string would exceed its maximum length of 512 MB. */
export function isStringTooLong(error: unknown): boolean {
  return error instanceof RangeError && error.message === "Invalid string length";
}
