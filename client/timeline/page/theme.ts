import { COLORS, colorOf } from "../timeline-colors.ts";
import type { Scene } from "./scene.ts";

/** The page's colors, as its style defines them for light or dark mode, whichever the reader prefers. */
export interface Theme {
  names: string[];
  page: string;
  line: string;
  text: string;
  faint: string;
  bad: string;
  idle: string;
  focus: string;
  on: string;
  font: string;
}

/** Reads the colors from the page's style. */
export function readTheme(): Theme {
  const style = getComputedStyle(document.documentElement);
  const color = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    names: Array.from({ length: COLORS }, (_, at) => color(`c${at}`)),
    ...{ page: color("page"), line: color("line"), text: color("text"), faint: color("faint"), bad: color("bad") },
    ...{ idle: color("idle"), focus: color("focus"), on: color("on") },
    font: getComputedStyle(document.body).fontFamily,
  };
}

/**
 * Colors of outcomes, as indexes of the colors for names. Outcomes that are not listed have the color of failures.
 */
const BY_STATUS: Record<string, number> = { ok: 1, timeout: 2, unmet: 3, aborted: 7, impossible: 7 };

/** The color of an outcome. */
export function statusColor(theme: Theme, status: string): string {
  return theme.names[BY_STATUS[status] ?? -1] ?? theme.bad;
}

/** The color of a run. */
export function runColor(theme: Theme, { data, colorBy }: Scene, run: number): string {
  const { status, name } = data.columns;
  if (colorBy === "status") return statusColor(theme, data.statuses[status[run] ?? 0] ?? "");
  return theme.names[colorOf(name[run] ?? 0)] ?? theme.faint;
}
