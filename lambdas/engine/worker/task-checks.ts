import type { Check } from "../../authoring/annotations.ts";
import { UnmetDependency } from "../../protocol/errors.ts";

type Callable = (...args: unknown[]) => unknown;

const checks = new WeakMap<Callable, readonly Check[]>();

/** Makes a function that calls `fn` and whose tasks run only on engines where all checks pass. */
export function guardedBy(fn: Callable, list: readonly Check[]): Callable {
  const guarded = (...args: unknown[]) => fn(...args);
  checks.set(guarded, list);
  return guarded;
}

/** The checks to run before a task of this function; undefined for most functions. */
export function checksOf(fn: Callable): readonly Check[] | undefined {
  return checks.get(fn);
}

/**
 * Calls one predicate after another and awaits each.
 *
 * @throws UnmetDependency if one returns exactly `false`, otherwise whatever one throws
 */
export async function runChecks(list: readonly Check[]): Promise<void> {
  for (const [predicate, args] of list) {
    if ((await predicate(...args)) === false)
      throw new UnmetDependency(`${predicate.name || "the predicate"} does not accept this engine`);
  }
}
