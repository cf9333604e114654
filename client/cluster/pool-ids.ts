import { indexesOf } from "../../lambdas/protocol/index-ranges.ts";
import type { Connection } from "../connection/connection.ts";

/** Ids of the engines of all pools, or of the named one, ascending. */
export function poolIds(pools: Connection["pools"], name?: string): number[] {
  const ids: number[] = [];
  let first = 0;
  for (const pool of pools) {
    if (name === undefined || pool.name === name)
      ids.push(...indexesOf(pool.ids ?? [[first, first + pool.count] as const]));
    first += pool.count;
  }
  return ids.sort((a, b) => a - b);
}
