/**
 * Returns a value as the type that the caller states: a task's value has the return type of its function. This cannot
 * be checked, because functions have no types at run time.
 */
export function typedValue<T>(value: unknown): T {
  // This is the only cast of values from engines.
  return value as T;
}
