import { addUsage, noUsage, type Usage } from "../../lambdas/protocol/usage.ts";
import type { Meter, Traffic } from "./requests/meter.ts";

/**
 * What AWS would bill for everything that the meter has counted. Retries of a client's calls, and answers to them, count
 * as well.
 *
 * @param architecture CPU architecture of the engines. Default `arm64`, as for pools
 */
export function meterUsage({ traffic, invocations }: Meter, architecture: "arm64" | "x86_64" = "arm64"): Usage {
  const used = noUsage();
  for (const callers of Object.values(traffic))
    for (const [caller, counts] of Object.entries(callers)) addUsage(used, trafficUsage(caller, counts));
  for (const [name, { requestResponse, event, gbSeconds }] of Object.entries(invocations)) {
    used.invocations += requestResponse + event;
    const isArm = name !== "engine" || architecture === "arm64";
    used[isArm ? "armGbMs" : "x86GbMs"] += gbSeconds * 1000;
  }
  return used;
}

function trafficUsage(caller: string, { operations, writeUnits, readUnits, responseBytes }: Traffic): Usage {
  return {
    ...noUsage(),
    writeUnits,
    readUnits,
    puts: operations.PutObject ?? 0,
    gets: operations.GetObject ?? 0,
    bytesOut: caller === "client" ? responseBytes : 0,
  };
}
