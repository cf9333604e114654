import { InvalidArgument } from "../../lambdas/protocol/invalid-argument.ts";

/**
 * Checks that a task's function is a function, so that all calls report a missing function with the same error.
 *
 * @throws TypeError for anything but a function
 */
export function checkedFunction(fn: unknown): (...args: never[]) => unknown {
  if (isFunction(fn)) return fn;
  throw new InvalidArgument(`the first argument must be the function to run on an engine, not ${kindOf(fn)}`);
}

/** Whether a value is a function. Its parameter and result types cannot be checked. */
export function isFunction(value: unknown): value is (...args: never[]) => unknown {
  return typeof value === "function";
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "an array" : `a value of type ${typeof value}`;
}
