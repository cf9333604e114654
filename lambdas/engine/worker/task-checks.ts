import type { Check } from "../../authoring/stamps.ts";
import { UnmetDependency } from "../../protocol/errors.ts";

type Callable = (...args: unknown[]) => unknown;

const checks = new WeakMap<Callable, readonly Check[]>();

/** A function that does what `fn` does, and whose tasks run only where all the checks pass. */
export function guardedBy(fn: Callable, list: readonly Check[]): Callable {
  const guarded = (...args: unknown[]) => fn(...args);
  checks.set(guarded, list);
  return guarded;
}

/** What is to be asked before a task of this function runs; undefined for most. */
export function checksOf(fn: Callable): readonly Check[] | undefined {
  return checks.get(fn);
}

/**
 * Asks one predicate after the other, and awaits each.
 *
 * @throws UnmetDependency when one gives exactly `false`, else whatever one throws
 */
export async function runChecks(list: readonly Check[]): Promise<void> {
  for (const [predicate, args] of list) {
    if ((await predicate(...args)) === false)
      throw new UnmetDependency(`${predicate.name || "the predicate"} does not accept this engine`);
  }
}
