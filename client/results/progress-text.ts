import { dollars } from "../cost/dollars.ts";
import type { Progress } from "./result-progress.ts";

/** Shows progress in one line, without the bar. Omits what is unknown or zero, except the number of finished items. */
export function progressText({ done, total, ...rest }: Progress, elapsedMs: number): string {
  const percent = total === 0 ? 100 : Math.floor((done / total) * 100);
  const parts = [`${done}/${total} (${percent}%) after ${spanText(elapsedMs)}`, ...detailTexts(rest)];
  return parts.join(", ");
}

/** Formats the rate, remaining time, failures, retries and cost. Leaves out values that are unknown or zero. */
export function detailTexts(progress: Omit<Progress, "done" | "total">): string[] {
  const { failed, retries, perSecond, remainingMs, usd } = progress;
  return [
    ...(perSecond === undefined ? [] : [rateText(perSecond)]),
    ...(remainingMs === undefined || remainingMs === 0 ? [] : [`about ${spanText(remainingMs)} left`]),
    ...(failed === 0 ? [] : [`${failed} failed`]),
    ...(retries === 0 ? [] : [`${retries} ${retries === 1 ? "retry" : "retries"}`]),
    ...(!usd ? [] : [`$${dollars(usd)}`]),
  ];
}

/** `12.3/s`, or `4.5/min` if it is less than one a second. */
function rateText(perSecond: number): string {
  const [count, unit] = perSecond < 1 ? [perSecond * 60, "min"] : [perSecond, "s"];
  return `${count < 100 ? Number(count.toPrecision(2)) : Math.round(count)}/${unit}`;
}

/** `4.2 s`, `35 s`, `2 min 5 s` or `3 h 20 min`. */
function spanText(ms: number): string {
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 100) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
