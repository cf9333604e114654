/**
 * Returns a value as the type that its caller promises: a task's value has the return type of the task's function. It
 * cannot be checked here, because functions keep no types at run time.
 */
export function typedValue<T>(value: unknown): T {
  // The only cast for values that come back from engines.
  return value as T;
}
