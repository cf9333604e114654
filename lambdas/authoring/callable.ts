/** Any function that may be called with whatever arguments it is given. */
export type Callable = (...args: unknown[]) => unknown;

/** Whether the value is a function. */
export function isCallable(value: unknown): value is Callable {
  return typeof value === "function";
}
