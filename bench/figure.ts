import type { Meter } from "../client/local/index.ts";

/** One measured number. */
export interface Figure {
  system: string;
  workload: string;
  metric: string;
  value: number;
  unit: string;
}

/**
 * On-demand prices in us-east-1, in dollars per DynamoDB write unit and read unit, Lambda request, S3 put and S3 get.
 * Compute is not included.
 */
const PRICES = { write: 0.625e-6, read: 0.125e-6, invocation: 0.2e-6, put: 5e-6, get: 0.4e-6 };

/** Computes calls, capacity, bytes and dollars per task. Client, scheduler and engines are added up. */
export function usageFigures(meter: Meter, tasks: number): { metric: string; value: number; unit: string }[] {
  let calls = 0;
  let bytes = 0;
  let writeUnits = 0;
  let readUnits = 0;
  let puts = 0;
  let gets = 0;
  for (const callers of Object.values(meter.traffic))
    for (const traffic of Object.values(callers)) {
      calls += traffic.calls;
      bytes += traffic.requestBytes + traffic.responseBytes;
      writeUnits += traffic.writeUnits;
      readUnits += traffic.readUnits;
      puts += traffic.operations.PutObject ?? 0;
      gets += traffic.operations.GetObject ?? 0;
    }
  const invocations = Object.values(meter.invocations).reduce((sum, one) => sum + one.requestResponse + one.event, 0);
  const usd =
    writeUnits * PRICES.write +
    readUnits * PRICES.read +
    invocations * PRICES.invocation +
    puts * PRICES.put +
    gets * PRICES.get;
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
