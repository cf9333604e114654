import type { JobRow } from "../live-data.ts";
import { dollarsText, rateText, secondsText, timeText } from "../shown-text.ts";
import { confirmed } from "./confirm.ts";
import { button, el, Facts, setText } from "./dom.ts";
import { Failures } from "./failures.ts";
import { GraphView } from "./graph-view.ts";
import { drawProgress, jobName, progressText } from "./job-cells.ts";
import { StreamView } from "./stream-view.ts";
import { Tabs } from "./tabs.ts";
import { TaskList } from "./task-list.ts";
import type { View, ViewContext } from "./view.ts";

/** One job: how far it is, its failures and its tasks. */
export class JobPage implements View {
  readonly element: HTMLElement;
  readonly #context: ViewContext;
  readonly #job: string;
  readonly #name = el("h1", {}, "Job");
  readonly #state = el("span", { class: "state" });
  readonly #progress = el("div", { class: "progress", role: "img" });
  readonly #facts = new Facts();
  readonly #failures = new Failures();
  readonly #tasks: TaskList;
  readonly #stream: StreamView;
  readonly #graph: GraphView;
  readonly #tabs: Tabs;
  readonly #again = button("Resubmit failed", () => void this.#resubmit(true), { disabled: "" });
  readonly #whole = button("Resubmit all", () => void this.#resubmit(false), { disabled: "" });
  readonly #abort = button("Abort", () => void this.#abortJob(), { class: "bad-text", disabled: "" });

  constructor(context: ViewContext, job: string) {
    this.#context = context;
    this.#job = job;
    this.#tasks = new TaskList(context.state, job);
    this.#graph = new GraphView(context, job);
    this.#stream = new StreamView(context, job);
    this.#tabs = new Tabs(
      "Job",
      [
        { id: "failures", title: "Failures", element: this.#failures.element },
        { id: "tasks", title: "Tasks", element: this.#tasks.element },
        { id: "stream", title: "Task stream", element: this.#stream.element },
        { id: "graph", title: "Graph", element: this.#graph.element },
      ],
      (id) => {
        location.hash = `#/job/${job}/${id}`;
      },
    );
    this.element = el(
      "div",
      {},
      el("nav", {}, el("a", { href: "#/" }, "← All jobs")),
      el("div", { class: "title" }, this.#name, this.#state),
      this.#progress,
      this.#facts.element,
      el("div", { class: "buttons" }, this.#again, this.#whole, this.#abort),
      this.#tabs.element,
    );
  }

  title(): string {
    return this.#name.textContent ?? "";
  }

  /** Shows a tab. */
  choose(tab: string): void {
    this.#tabs.choose(tab);
    this.update();
  }

  update(): void {
    const { state } = this.#context;
    const job = state.job ?? state.jobs.get(this.#job);
    // While reconnecting, keep showing the last known state.
    if (!job) return;
    const isEnded = job.running + job.waiting === 0;
    setText(this.#name, jobName(job));
    setText(this.#state, job.state);
    this.#state.className = `state ${job.state}`;
    drawProgress(this.#progress, job);
    this.#progress.setAttribute("aria-label", progressText(job));
    this.#facts.show([
      ["function", job.label === null ? "" : (job.function ?? "")],
      ["tasks", progressText(job)],
      ["rate", rateText(job.perSecond)],
      ["remaining", secondsText(job.remainingMs)],
      ["took", tookText(job, state.now)],
      [isEnded ? "cost" : "cost so far", dollarsText(job.usd)],
      ["submitted", new Date(job.submitted).toLocaleString()],
      ["id", job.id],
    ]);
    this.#again.disabled = job.failed === 0;
    this.#whole.disabled = !isEnded;
    this.#abort.disabled = isEnded;
    this.#tabs.retitle("failures", job.failed === 0 ? "Failures" : `Failures (${job.failed})`);
    this.#failures.show(job, state.failures.values());
    if (this.#tabs.chosen === "tasks") this.#tasks.update();
    const ended = job.done + job.failed;
    if (this.#tabs.chosen === "stream") this.#stream.update(ended);
    if (this.#tabs.chosen === "graph") this.#graph.update(ended);
  }

  async #resubmit(failed: boolean): Promise<void> {
    const chosen = failed ? "the tasks that have failed" : "all tasks of this job";
    const explanation = `This runs ${chosen} again, with the same arguments, as a new job.`;
    if (!(await confirmed(failed ? "Resubmit the failed tasks?" : "Resubmit the job?", explanation, "Resubmit")))
      return;
    await this.#act(async () => {
      const { job } = await this.#context.server.post<{ job: string }>("/resubmit", { id: this.#job, failed });
      this.#context.announce(`Resubmitted as job ${job}.`, `#/job/${job}`);
    });
  }

  async #abortJob(): Promise<void> {
    const explanation = "Queued tasks end at once, running tasks end soon, and finished tasks are unchanged.";
    if (!(await confirmed("Abort the job?", explanation, "Abort"))) return;
    await this.#act(async () => {
      const { message } = await this.#context.server.post<{ message: string }>("/abort", { id: this.#job });
      this.#context.announce(`Tasks ${message}.`);
    });
  }

  async #act(act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      this.#context.announce(error instanceof Error ? error.message : String(error));
    }
  }
}

/** How long a job took, or has taken so far. */
function tookText({ started, completed }: Pick<JobRow, "started" | "completed">, now: number): string {
  if (started === null) return "";
  return completed === null ? secondsText(now - started) : timeText(completed - started);
}
