import type { FailureRow, JobRow } from "../live-data.ts";
import { countText } from "../shown-text.ts";
import { el, setText } from "./dom.ts";

/** Failures grouped by error, with links to the tasks. */
export class Failures {
  readonly element = el("div", { class: "failures" });
  readonly #none = el("p", { class: "empty shown" });
  readonly #groups = new Map<string, FailureGroup>();

  /** Shows the groups, those with the most failures first. */
  show({ id: job, failed, running, waiting }: JobRow, rows: Iterable<FailureRow>): void {
    const isEnded = running + waiting === 0;
    const none = failed > 0 ? "Reading the failures…" : isEnded ? "No task has failed." : "No task has failed so far.";
    setText(this.#none, none);
    const shown = [...rows].sort((a, b) => b.count - a.count).map((row) => this.#group(job, row).element);
    showChildren(this.element, shown.length === 0 ? [this.#none] : shown);
  }

  #group(job: string, row: FailureRow): FailureGroup {
    const group = this.#groups.get(row.id) ?? new FailureGroup(job, row);
    this.#groups.set(row.id, group);
    group.show(row);
    return group;
  }
}

/** Failures with the same error. Updates its elements in place, so that focus and selection survive new failures. */
class FailureGroup {
  readonly element: HTMLElement;
  readonly #job: string;
  readonly #times = el("span", { class: "times" });
  readonly #kind = el("span");
  readonly #links = el("span", { class: "links" });
  readonly #more = el("span");

  constructor(job: string, { name, message, stack }: FailureRow) {
    this.#job = job;
    this.element = el(
      "article",
      {},
      el("h3", {}, this.#times, ` ${name}`),
      el("p", { class: "message" }, message),
      ...(stack === "" ? [] : [el("pre", { tabindex: "0", "aria-label": "Remote stack" }, stack)]),
      el("p", { class: "links" }, this.#kind, this.#links, this.#more),
    );
  }

  show({ name, count, tasks, args }: FailureRow): void {
    this.element.setAttribute("aria-label", `${name}, ${count} failed`);
    setText(this.#times, `${countText(count)} ×`);
    setText(this.#kind, count === 1 ? "Task " : "Tasks ");
    // The list of tasks is only appended to.
    for (const task of tasks.slice(this.#links.childElementCount)) {
      const link = el("a", { href: `#/task/${this.#job}.${task}` }, `${task}`);
      this.#links.append(el("span", {}, link, el("code", { title: `arguments of task ${task}` })));
    }
    for (const [at, task] of tasks.entries()) {
      const code = this.#links.children[at]?.lastElementChild;
      if (code) setText(code, args[task] ? ` (${args[task]})` : "");
    }
    const more = count - tasks.length;
    setText(this.#more, more > 0 ? `and ${countText(more)} more` : "");
  }
}

/** Replaces the children of an element without moving the focus. */
function showChildren(parent: HTMLElement, children: readonly HTMLElement[]): void {
  const focused = document.activeElement;
  for (const [at, child] of children.entries())
    if (parent.children[at] !== child) parent.insertBefore(child, parent.children[at] ?? null);
  while (parent.children.length > children.length) parent.lastElementChild?.remove();
  if (focused instanceof HTMLElement && parent.contains(focused)) focused.focus();
}
