/**
 * The function that a task runs: whichever call is given none, it says so in the same words.
 *
 * @throws TypeError for anything but a function
 */
export function checkedFunction(fn: unknown): (...args: never[]) => unknown {
  if (typeof fn === "function") return fn as (...args: never[]) => unknown;
  throw new TypeError(`the first argument must be the function to run on an engine, not ${kindOf(fn)}`);
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "an array" : `a value of type ${typeof value}`;
}
