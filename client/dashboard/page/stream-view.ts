import { TimelineView } from "../../timeline/page/timeline-view.ts";
import type { TimelineData } from "../../timeline/timeline-data.ts";
import { button, el, setText } from "./dom.ts";
import { Reloader } from "./reloader.ts";
import type { ViewContext } from "./view.ts";

/** Which engine ran which task of a job, and when: all attempts that have ended. */
export class StreamView {
  readonly element = el("div", { class: "stream" });
  readonly #context: ViewContext;
  readonly #job: string;
  readonly #none = el("p", { class: "empty shown" }, "Reading the attempts…");
  readonly #tools = el("div", { class: "tools" });
  readonly #body = el("div", { hidden: "" });
  readonly #chart = el("canvas", {
    ...{ tabindex: "0", role: "application", "aria-roledescription": "timeline" },
    "aria-label": "Task stream with a row per engine. Arrow keys move between attempts, plus and minus zoom.",
  });
  readonly #view = el("div", { class: "stream-rows" });
  readonly #room = el("div", {}, this.#chart);
  readonly #tip = el("div", { class: "tip", "aria-hidden": "true", hidden: "" });
  readonly #details = el(
    "section",
    { class: "details", "aria-live": "polite", "aria-label": "Selected attempt" },
    el("p", { class: "faint" }, "Point at an attempt, or press an arrow key in the chart."),
  );
  readonly #legend = el("ul", { class: "legend", "aria-label": "Colors" });
  #timeline: TimelineView | undefined;
  readonly #reloader = new Reloader(() => this.#load());

  constructor(context: ViewContext, job: string) {
    this.#context = context;
    this.#job = job;
    const by = el("select", {}, el("option", { value: "name" }, "name"), el("option", { value: "status" }, "outcome"));
    by.addEventListener("change", () => this.#timeline?.colorBy(by.value === "status" ? "status" : "name"));
    this.#tools.append(
      button("Zoom in", () => this.#timeline?.zoom(1)),
      button("Zoom out", () => this.#timeline?.zoom(-1)),
      button("Show all", () => this.#timeline?.showAll()),
      button("Next failure", () => this.#timeline?.nextFailure()),
      el("label", {}, "Color by ", by),
    );
    this.#view.append(this.#room);
    this.#body.append(this.#tools, this.#legend, this.#view, this.#tip, this.#details);
    this.element.append(this.#none, this.#body);
  }

  /** Loads the attempts again if more tasks have ended. */
  update(ended: number): void {
    this.#reloader.update(ended);
  }

  async #load(): Promise<void> {
    try {
      this.#show(await this.#context.server.get<TimelineData>(`/timeline?job=${this.#job}`));
    } catch (error) {
      setText(this.#none, error instanceof Error ? error.message : String(error));
    }
  }

  #show(data: TimelineData): void {
    const isEmpty = data.columns.start.length === 0;
    this.#none.hidden = !isEmpty;
    setText(this.#none, "No attempt has ended yet.");
    this.#body.hidden = isEmpty;
    if (isEmpty) return;
    if (this.#timeline) {
      this.#timeline.show(data);
      return;
    }
    const places = { view: this.#view, room: this.#room, chart: this.#chart, tip: this.#tip };
    this.#timeline = new TimelineView({ ...places, details: this.#details, legend: this.#legend }, data);
  }
}
