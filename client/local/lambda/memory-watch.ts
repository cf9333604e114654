import { readFileSync } from "node:fs";
import type { Environment } from "./environment.ts";

const PERIOD_MS = 100;

/**
 * Kills environments that outgrow their function's memory, as Lambda does. Looks only at those at work, and only
 * where the system tells (Linux); elsewhere V8's own limit is all.
 *
 * @param list memory in megabytes and environments of each function
 * @returns what stops it
 */
export function startMemoryWatch(
  list: () => (readonly [memoryMb: number, environments: readonly Environment[]])[],
): () => void {
  if (process.platform !== "linux") return () => {};
  const timer = setInterval(() => {
    for (const [memoryMb, environments] of list())
      for (const environment of environments)
        if (environment.current && residentMb(environment.pid) > memoryMb) environment.kill({ by: "memory" });
  }, PERIOD_MS).unref();
  return () => clearInterval(timer);
}

function residentMb(pid: number | undefined): number {
  try {
    const [, kilobytes = "0"] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
    return Number(kilobytes) / 1024;
  } catch {
    return 0;
  }
}
