import { readFileSync } from "node:fs";
import type { Environment } from "./environment.ts";

const PERIOD_MS = 100;

/**
 * Kills environments that exceed their function's memory, as Lambda does. Checks only busy environments with a process
 * of their own, and only on Linux; otherwise only V8's heap limit applies.
 *
 * @param list returns the memory in megabytes and the environments of each function
 * @returns a function that stops the watch
 */
export function startMemoryWatch(
  list: () => (readonly [memoryMb: number, environments: readonly Environment[]])[],
): () => void {
  if (process.platform !== "linux") return () => {};
  const timer = setInterval(() => {
    for (const [memoryMb, environments] of list())
      for (const environment of environments)
        if (environment.current && residentMb(environment.ownPid) > memoryMb) environment.kill({ by: "memory" });
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
