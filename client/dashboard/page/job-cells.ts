import type { JobRow } from "../live-data.ts";
import { countText } from "../shown-text.ts";
import { el } from "./dom.ts";

/** The displayed name of a job: its label, or else its function. */
export function jobName({ label, function: name }: Pick<JobRow, "label" | "function">): string {
  return label || name || "anonymous";
}

/** Draws how many of a job's tasks have ended. Reuses the elements of an earlier drawing. */
export function drawProgress(cell: HTMLElement, { tasks, done, failed, running }: JobRow): void {
  let bar = cell.querySelector<HTMLElement>(".bar");
  if (!bar) {
    bar = el("div", { class: "bar" }, el("i", { class: "ok" }), el("i", { class: "bad" }), el("i", { class: "run" }));
    cell.replaceChildren(bar, el("span", { class: "count" }));
  }
  for (const [at, count] of [done, failed, running].entries()) {
    const part = bar.children[at];
    // One failure among thousands must be seen.
    const width = count === 0 ? "0" : `max(3px, ${(100 * count) / tasks}%)`;
    if (part instanceof HTMLElement && part.style.width !== width) part.style.width = width;
  }
  const text = `${countText(done + failed)} / ${countText(tasks)}`;
  const label = cell.lastElementChild;
  if (label && label.textContent !== text) label.textContent = text;
}

/** Describes the counts of a job in words. */
export function progressText({ tasks, done, running, waiting, failed }: JobRow): string {
  const counts = [
    [done, "done"],
    [running, "running"],
    [waiting, "waiting"],
    [failed, "failed"],
  ] as const;
  const shown = counts.filter(([count]) => count > 0).map(([count, name]) => `${countText(count)} ${name}`);
  return `${shown.join(", ") || "nothing yet"} of ${countText(tasks)}`;
}
