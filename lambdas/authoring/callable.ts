/** A function that can be called with any arguments. */
export type Callable = (...args: unknown[]) => unknown;

/** Whether the value is a function. */
export function isCallable(value: unknown): value is Callable {
  return typeof value === "function";
}
