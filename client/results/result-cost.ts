import type { AttemptRecord } from "../outcomes/attempt-record.ts";

/** What AWS Lambda asks for a gigabyte-second on arm64 in its first tier, in US dollars (us-east-1). */
const USD_PER_GB_SECOND = 0.0000133334;

/** Pools as far as money is concerned. */
export type PricedPools = readonly { name: string; memoryMb: number }[];

/**
 * US dollars for the time in which attempts ran on their pools' memory. An estimate from below: starts, idle waits, requests
 * and the tables are not in it.
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
