import { dollars } from "../cost/dollars.ts";
import { shownTime } from "../timeline/shown-time.ts";

/**
 * Makes text harmless to look at: shows control characters, and characters that reorder or hide text, as replacements.
 * A task may have written them. Keeps tabs and line breaks.
 */
export function visible(text: string): string {
  return text
    .replaceAll("\r\n", "\n")
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (character) => (/[\t\n]/.test(character) ? character : "\ufffd"));
}

/** Formats a duration, given in milliseconds. */
export function timeText(ms: number | null): string {
  return ms === null ? "" : shownTime(Math.max(0, ms) * 100);
}

/** Formats a duration, given in milliseconds, rounded to whole seconds: `12 s`, `4 min 10 s`. */
export function secondsText(ms: number | null): string {
  return ms === null ? "" : shownTime(Math.max(0, Math.round(ms / 1000)) * 100_000).replace(/^0 ms$/, "0 s");
}

/** Formats tasks in a second. */
export function rateText(perSecond: number | null): string {
  if (perSecond === null) return "";
  return `${perSecond >= 99.5 ? Math.round(perSecond).toLocaleString("en") : Number(perSecond.toPrecision(2))}/s`;
}

/** Formats US dollars. */
export function dollarsText(usd: number): string {
  return `$${dollars(usd)}`;
}

/** Formats a count. */
export function countText(count: number): string {
  return count.toLocaleString("en");
}

/** The last characters of an id, which differ between the jobs of one day. */
export function shortId(id: string): string {
  return `…${id.slice(-6)}`;
}
