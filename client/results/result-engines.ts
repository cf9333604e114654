import { isAttempt } from "../outcomes/attempt-kind.ts";
import type { ResultItems } from "./result-items.ts";

/**
 * A result's values by the id of the engine that ran their items, in the order of the result. Items that no engine ran
 * are absent.
 */
export type ByEngine<Item> = Record<number, Item[]>;

/** Groups values, one per item, by the id of the engine that ran them. Items that no engine ran are omitted. */
export function byEngine<Item>(items: ResultItems, values: readonly Item[]): ByEngine<Item> {
  const sorted: ByEngine<Item> = {};
  const places = [...items.places()];
  for (const [at, value] of values.entries()) {
    const place = places[at];
    if (place === undefined) break;
    const { outcomes, task } = place;
    const final = outcomes.final(task);
    const engine = final && isAttempt(final) ? final.engine : undefined;
    if (engine === undefined) continue;
    sorted[engine] ??= [];
    sorted[engine].push(value);
  }
  return sorted;
}
