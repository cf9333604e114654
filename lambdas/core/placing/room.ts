import type { HighWaterMark } from "../../protocol/flags.ts";

/**
 * The load at which an engine has no room. Under `adaptive`, only an engine without tasks has room, because the size of
 * its lease follows from run times.
 */
export function fullLoad(hwm: HighWaterMark): number {
  if (hwm === "adaptive") return 1;
  return hwm === 0 ? Number.POSITIVE_INFINITY : hwm;
}

/**
 * Number of tasks that an engine with this load may still get; `Infinity` if the high-water mark does not limit a
 * lease.
 */
export function roomUnder(hwm: HighWaterMark, load: number): number {
  if (load >= fullLoad(hwm)) return 0;
  return hwm === "adaptive" || hwm === 0 ? Number.POSITIVE_INFINITY : hwm - load;
}
