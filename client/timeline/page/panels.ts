import { meaningOf, runDetails } from "../run-details.ts";
import { PHASES } from "../run-phases.ts";
import { shownTime } from "../shown-time.ts";
import { COLORS } from "../timeline-colors.ts";
import type { TimelineData } from "../timeline-data.ts";
import { summaryOf } from "../timeline-summary.ts";
import { statusColor, type Theme } from "./theme.ts";

/** Makes an element with a text. The text is not parsed, so that nothing that a task wrote becomes markup. */
function made<Name extends keyof HTMLElementTagNameMap>(name: Name, text = ""): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  element.textContent = text;
  return element;
}

/** Shows the facts of a run. */
export function showDetails(section: Element, data: TimelineData, run: number): void {
  const list = made("dl");
  for (const [name, text] of runDetails(data, run)) {
    const pair = made("div");
    pair.append(made("dt", name), made("dd", text));
    list.append(pair);
  }
  section.replaceChildren(list);
}

/** The text of a tooltip. */
export function tipText(data: TimelineData, run: number): string {
  const shown = new Map(runDetails(data, run));
  const lines = [
    shown.get("name"),
    shown.get("status"),
    `waited ${shown.get("waited")}${shown.has("ran") ? `, ran ${shown.get("ran")}` : ""}`,
    ...PHASES.flatMap((phase) => (shown.has(phase) ? [`${phase} ${shown.get(phase)}`] : [])),
    shown.get("error"),
  ];
  return lines.filter((line) => line !== undefined).join("\n");
}

/** Shows what the colors mean. */
export function showLegend(list: Element, data: TimelineData, theme: Theme, by: "name" | "status"): void {
  const entries = by === "name" ? nameEntries(data, theme) : statusEntries(data, theme);
  list.replaceChildren(
    ...entries.map(([text, color]) => {
      const swatch = made("i");
      swatch.style.background = color;
      const item = made("li");
      item.append(swatch, made("span", text));
      return item;
    }),
    ...shapes(data),
  );
}

/** The legend's classes of the phases. */
const SHAPES = ["cold", "fetched", "parked"];

/** Explains the shapes that occur in the timeline. */
function shapes({ columns, phases }: TimelineData): HTMLLIElement[] {
  const ok = columns.status.map((status, run) => columns.kind[run] !== 0 || status === 0);
  const meanings: [shape: string, meaning: string, isThere: boolean][] = [
    ["failed", "did not succeed", ok.includes(false)],
    ["mark", "refused, or ended before it started", columns.kind.some((kind) => kind !== 0)],
    ...PHASES.map((phase, at): [string, string, boolean] => [SHAPES[at] ?? "", phase, phases.phase.includes(at)]),
    ["report", "report of the outcome", columns.kind.includes(0)],
  ];
  return meanings.flatMap(([shape, meaning, isThere]) => {
    if (!isThere) return [];
    const item = made("li");
    const icon = made("i");
    icon.className = shape;
    item.append(icon, made("span", meaning));
    return [item];
  });
}

function nameEntries(data: TimelineData, theme: Theme): [text: string, color: string][] {
  const { names } = summaryOf(data);
  const shown = names.length > COLORS ? names.slice(0, COLORS - 1) : names;
  const entries = shown.map(({ name, runs }, at): [string, string] => [`${name} (${runs})`, theme.names[at] ?? ""]);
  const others = names.length - shown.length;
  return others === 0 ? entries : [...entries, [`${others} others`, theme.names[COLORS - 1] ?? ""]];
}

function statusEntries(data: TimelineData, theme: Theme): [text: string, color: string][] {
  const found = new Set(data.columns.status);
  return data.statuses.flatMap((status, place): [string, string][] =>
    found.has(place) ? [[meaningOf(status), statusColor(theme, status)]] : [],
  );
}

/** Shows a table of the runs by name. */
export function showTable(place: Element, data: TimelineData): void {
  const table = made("table");
  const head = table.createTHead().insertRow();
  for (const title of ["name", "runs", "ran in all", "on average", "did not succeed"]) {
    const cell = made("th", title);
    cell.scope = "col";
    head.append(cell);
  }
  const body = table.createTBody();
  for (const { name, runs, ran, failed } of summaryOf(data).names) {
    const row = body.insertRow();
    const mean = runs === 0 ? "" : shownTime(ran / runs);
    for (const text of [name, String(runs), shownTime(ran), mean, String(failed)]) row.insertCell().textContent = text;
  }
  place.replaceChildren(table);
}
