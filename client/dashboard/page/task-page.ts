import type { AttemptDetails, TaskDetails } from "../live-data.ts";
import { timeText } from "../shown-text.ts";
import { el, Facts } from "./dom.ts";
import type { View, ViewContext } from "./view.ts";

/** One task: its attempts with their errors and output. */
export class TaskPage implements View {
  readonly element: HTMLElement;
  readonly #context: ViewContext;
  readonly #id: string;
  readonly #facts = new Facts();
  readonly #attempts = el("div", { class: "attempts" });
  /** State of the task as last read. */
  #read = "";
  #isReading = false;

  constructor(context: ViewContext, job: string, id: string) {
    this.#context = context;
    this.#id = id;
    this.element = el(
      "div",
      {},
      el("nav", {}, el("a", { href: `#/job/${job}/tasks` }, "← Tasks of the job")),
      el("h1", {}, `Task ${id.split(".")[1]}`),
      this.#facts.element,
      this.#attempts,
    );
  }

  title(): string {
    return `task ${this.#id}`;
  }

  update(): void {
    const { state } = this.#context;
    const now = `${state.tasks.at(Number(this.#id.split(".")[1])).state} ${state.isConnected}`;
    if (now === this.#read || this.#isReading) return;
    this.#read = now;
    void this.#load();
  }

  async #load(): Promise<void> {
    this.#isReading = true;
    try {
      this.#show(await this.#context.server.get<TaskDetails>(`/task?id=${encodeURIComponent(this.#id)}`));
    } catch (error) {
      this.#attempts.replaceChildren(el("p", { class: "empty shown" }, String(error)));
    }
    this.#isReading = false;
  }

  #show(task: TaskDetails): void {
    const { attempts, error } = task;
    this.#facts.show([
      ["state", task.status],
      ["arguments", task.args],
      ["attempts", `${attempts.length}`],
      ["refused by engines", task.refusedBy.join(", ")],
      ["after", shortList(task.after)],
      ["follow", shortList(task.follow)],
      ["resubmitted as", task.resubmitted ?? ""],
      ["resubmission of", task.resubmitOf ?? ""],
      ["id", task.id],
    ]);
    const shown = attempts.map((attempt, at) => attemptElement(attempt, at + 1)).reverse();
    if (error !== null) shown.unshift(el("pre", { tabindex: "0", "aria-label": "Error" }, error));
    if (shown.length === 0) shown.push(el("p", { class: "empty shown" }, "No attempt has ended yet."));
    this.#attempts.replaceChildren(...shown);
  }
}

function shortList(ids: readonly string[]): string {
  const more = ids.length - 20;
  return ids.slice(0, 20).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

function attemptElement(attempt: AttemptDetails, at: number): HTMLElement {
  const { status, engine, started, completed, error, stdout, stderr } = attempt;
  const facts = new Facts();
  facts.show([
    ["engine", engine === null ? "" : `${engine}`],
    ["started", started === null ? "" : new Date(started).toLocaleString()],
    ["ran", started === null || completed === null ? "" : timeText(completed - started)],
  ]);
  const texts = [
    ["Error", error],
    ["stdout", stdout],
    ["stderr", stderr],
  ] as const;
  const parts = texts.flatMap(([title, text]) =>
    text ? [el("h3", {}, title), el("pre", { tabindex: "0", "aria-label": title }, text)] : [],
  );
  const isSilent = stdout === "" && stderr === "";
  return el(
    "article",
    { "aria-label": `Attempt ${at}` },
    el("h2", {}, `Attempt ${at} `, el("span", { class: `state ${status}` }, status)),
    facts.element,
    ...parts,
    ...(isSilent ? [el("p", { class: "faint" }, "It wrote nothing to stdout or stderr.")] : []),
  );
}
