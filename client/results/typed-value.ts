/**
 * A value under the type that its caller promised for it: a task's value has the type of the function that the task ran.
 * Nothing can check that here, as functions leave no types behind.
 */
export function typedValue<T>(value: unknown): T {
  // The one cast for all values that come back from engines.
  return value as T;
}
