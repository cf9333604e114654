import { TASK_FILTERS, type TaskFilter, type TaskRow } from "../job-tasks.ts";
import { countText, secondsText, timeText } from "../shown-text.ts";
import { el, setText } from "./dom.ts";
import type { PageState } from "./state.ts";
import { type Column, VirtualTable } from "./virtual-table.ts";

/** The tasks of a job, with a filter. */
export class TaskList {
  readonly element: HTMLElement;
  readonly #state: PageState;
  readonly #table: VirtualTable<TaskRow>;
  readonly #filter = el("select", { "aria-label": "Show tasks" });
  readonly #count = el("span", { class: "faint" });

  constructor(state: PageState, job: string) {
    this.#state = state;
    for (const name of TASK_FILTERS) this.#filter.append(el("option", { value: name }, name));
    this.#filter.addEventListener("change", () => this.update());
    this.#table = new VirtualTable<TaskRow>("Tasks of the job", columns(state), ({ index }) => {
      location.hash = `#/task/${job}.${index}`;
    });
    const tools = el("div", { class: "tools" }, el("label", {}, "Show ", this.#filter), this.#count);
    this.element = el("div", { class: "tasks" }, tools, this.#table.element);
  }

  update(): void {
    const filter = TASK_FILTERS.find((name) => name === this.#filter.value) ?? ("all" satisfies TaskFilter);
    const { tasks, unlisted } = this.#state;
    const indexes = tasks.filtered(filter);
    const at = (place: number) => {
      const index = indexes[place];
      return index === undefined ? undefined : tasks.at(index);
    };
    setText(this.#count, `${countText(indexes.length)} shown${unlistedText(unlisted)}`);
    this.#table.show({ count: indexes.length, at }, filter === "all" ? "No tasks." : `No task is ${filter} now.`);
  }
}

function unlistedText(unlisted: number): string {
  return unlisted === 0 ? "" : `; the job is large: the ends of ${countText(unlisted)} tasks are not listed`;
}

function columns(state: PageState): Column<TaskRow>[] {
  return [
    { title: "Task", width: "74px", isNumber: true, isNarrow: true, text: ({ index }) => `${index}` },
    {
      ...{ title: "State", width: "100px", isNarrow: true },
      text: (task) => task.state,
      tone: (task) => `state ${task.state}`,
    },
    { title: "Engine", width: "70px", isNumber: true, isNarrow: true, text: ({ engine }) => `${engine ?? ""}` },
    {
      ...{ title: "Ran", width: "minmax(80px, 1fr)", isNumber: true, isNarrow: true },
      text: ({ ran, state: own, started }) =>
        own === "running" && started !== null ? `~${secondsText(state.now - started)}` : timeText(ran),
    },
    { title: "Attempts", width: "90px", isNumber: true, text: ({ attempts }) => `${attempts ?? ""}` },
  ];
}
