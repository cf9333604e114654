import { costOf } from "../client/cost/cost.ts";
import { pricesOf } from "../client/cost/prices.ts";
import type { Meter } from "../client/local/index.ts";
import { meterUsage } from "../client/local/meter-usage.ts";

/** One measured number. */
export interface Figure {
  system: string;
  workload: string;
  metric: string;
  value: number;
  unit: string;
}

/** The region of the embedded cloud. */
const REGION = "us-east-1";

/** What AWS would charge for everything that the meter has counted. */
export function meterCost(meter: Meter) {
  return costOf(meterUsage(meter), pricesOf(REGION));
}

/**
 * Computes calls, capacity, bytes and dollars per task. Client, scheduler and engines are added up. The dollars are for
 * requests, tables and storage: run time and transfer are not included.
 */
export function usageFigures(meter: Meter, tasks: number): { metric: string; value: number; unit: string }[] {
  let calls = 0;
  let bytes = 0;
  for (const callers of Object.values(meter.traffic))
    for (const traffic of Object.values(callers)) {
      calls += traffic.calls;
      bytes += traffic.requestBytes + traffic.responseBytes;
    }
  const { invocations, writeUnits, readUnits, puts, gets } = meterUsage(meter);
  const { requests, tables, blobs } = meterCost(meter);
  const usd = requests + tables + blobs;
  return [
    { metric: "sdk_calls_per_task", value: calls / tasks, unit: "calls" },
    { metric: "s3_requests_per_task", value: (puts + gets) / tasks, unit: "requests" },
    { metric: "wru_per_task", value: writeUnits / tasks, unit: "WRU" },
    { metric: "rru_per_task", value: readUnits / tasks, unit: "RRU" },
    { metric: "invocations_per_task", value: invocations / tasks, unit: "invocations" },
    { metric: "bytes_per_task", value: bytes / tasks, unit: "bytes" },
    { metric: "usd_per_million", value: (usd / tasks) * 1e6, unit: "USD" },
  ];
}
