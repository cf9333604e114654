import type { AttemptRecord } from "../outcomes/attempt-record.ts";

/** Price of a gigabyte-second on AWS Lambda, arm64, first tier, us-east-1, in US dollars. */
const USD_PER_GB_SECOND = 0.0000133334;

/** The fields of pools that the cost depends on. */
export type PricedPools = readonly { name: string; memoryMb: number }[];

/**
 * Cost of the attempts' run time at their pools' memory, in US dollars. A lower bound: start-up, idle time, requests
 * and tables are not included.
 */
export function runCost(attempts: Iterable<Pick<AttemptRecord, "pool" | "started" | "completed">>, pools: PricedPools) {
  let usd = 0;
  for (const { pool, started, completed } of attempts) {
    if (started === undefined || completed === undefined) continue;
    const memoryMb = pools.find(({ name }) => name === pool)?.memoryMb ?? 0;
    usd += ((completed - started) / 1000) * (memoryMb / 1024) * USD_PER_GB_SECOND;
  }
  return usd;
}
