import { isAttempt } from "../outcomes/attempt-kind.ts";
import type { ResultItems } from "./result-items.ts";

/** The values of a result's items by the engine that ran them, each engine's in the order of the result. */
export type ByEngine<Item> = Record<number, Item[]>;

/** Sorts values, one an item, under the ids of the engines that ran them. What no engine ran is left out. */
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
