import type { HighWaterMark } from "../../protocol/flags.ts";

/** The load from which on an engine has no room. `adaptive` sizes leases itself, so an engine has room while it holds none. */
export function fullLoad(hwm: HighWaterMark): number {
  if (hwm === "adaptive") return 1;
  return hwm === 0 ? Number.POSITIVE_INFINITY : hwm;
}

/** Most tasks that an engine with this load may be given more: `Infinity` where the mark sets no bound to one lease. */
export function roomUnder(hwm: HighWaterMark, load: number): number {
  if (load >= fullLoad(hwm)) return 0;
  return hwm === "adaptive" || hwm === 0 ? Number.POSITIVE_INFINITY : hwm - load;
}
