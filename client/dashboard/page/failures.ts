import type { FailureRow, JobRow } from "../live-data.ts";
import { countText } from "../shown-text.ts";
import { el } from "./dom.ts";

/** Failures grouped by error, with links to the tasks. */
export class Failures {
  readonly element = el("div", { class: "failures" });
  #shown = "";

  /** Shows the groups, those with the most failures first. */
  show({ id: job, failed, running, waiting }: JobRow, rows: Iterable<FailureRow>): void {
    const groups = [...rows].sort((a, b) => b.count - a.count);
    const isEnded = running + waiting === 0;
    const none = failed > 0 ? "Reading the failures…" : isEnded ? "No task has failed." : "No task has failed so far.";
    const text = JSON.stringify([groups, groups.length === 0 && none]);
    if (text === this.#shown) return;
    this.#shown = text;
    if (groups.length === 0) this.element.replaceChildren(el("p", { class: "empty shown" }, none));
    else this.element.replaceChildren(...groups.map((group) => groupElement(job, group)));
  }
}

function groupElement(job: string, { name, message, stack, count, tasks }: FailureRow): HTMLElement {
  const links = tasks.map((task) => el("a", { href: `#/task/${job}.${task}` }, `${task}`));
  const more = count - tasks.length;
  const list = el("p", { class: "links" }, count === 1 ? "Task " : "Tasks ", ...links);
  if (more > 0) list.append(`and ${countText(more)} more`);
  return el(
    "article",
    { "aria-label": `${name}, ${count} failed` },
    el("h3", {}, el("span", { class: "times" }, `${countText(count)} ×`), ` ${name}`),
    el("p", { class: "message" }, message),
    ...(stack === "" ? [] : [el("pre", { tabindex: "0", "aria-label": "Remote stack" }, stack)]),
    list,
  );
}
