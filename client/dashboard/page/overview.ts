import type { EngineRow, JobRow } from "../live-data.ts";
import { countText, dollarsText, rateText, secondsText, shortId } from "../shown-text.ts";
import { Chart } from "./chart.ts";
import { el, section, setText } from "./dom.ts";
import { drawProgress, jobName, progressText } from "./job-cells.ts";
import type { View, ViewContext } from "./view.ts";
import { type Column, VirtualTable } from "./virtual-table.ts";

const JOB_COLUMNS: Column<JobRow>[] = [
  { title: "Job", width: "minmax(80px, 2fr)", isNarrow: true, text: jobName },
  { title: "Function", width: "minmax(60px, 1.2fr)", text: (job) => job.function ?? "" },
  {
    ...{ title: "State", width: "86px", isNarrow: true },
    text: ({ state }) => state,
    tone: ({ state }) => `state ${state}`,
  },
  {
    ...{ title: "Tasks", width: "minmax(100px, 2.4fr)", isNarrow: true },
    text: progressText,
    draw: drawProgress,
  },
  {
    ...{ title: "Failed", width: "50px", isNumber: true, isNarrow: true },
    text: ({ failed }) => (failed === 0 ? "" : countText(failed)),
    tone: ({ failed }) => (failed > 0 ? "bad-text" : ""),
  },
  { title: "Rate", width: "54px", isNumber: true, text: ({ perSecond }) => rateText(perSecond) },
  { title: "Remaining", width: "78px", isNumber: true, text: ({ remainingMs }) => secondsText(remainingMs) },
  { title: "Cost", width: "76px", isNumber: true, text: ({ usd }) => dollarsText(usd) },
  { title: "Id", width: "94px", text: ({ id }) => shortId(id) },
];

/** The whole cluster: its queue, its jobs and its engines. */
export class Overview implements View {
  readonly #context: ViewContext;
  readonly #tiles = new Map<string, HTMLElement>();
  readonly #queue = new Chart({
    ...{ title: "Tasks queued or waiting", color: "c2" },
    value: ({ queued, waiting }) => queued + waiting,
    text: (value) => countText(value),
  });
  readonly #throughput = new Chart({
    ...{ title: "Attempts ended in a second", color: "c1" },
    value: ({ perSecond }) => perSecond,
    text: (value) => rateText(value),
  });
  readonly #jobs = new VirtualTable<JobRow>("Jobs, newest first", JOB_COLUMNS, ({ id }) => {
    location.hash = `#/job/${id}`;
  });
  readonly #engines: VirtualTable<EngineRow>;
  readonly element: HTMLElement;

  constructor(context: ViewContext) {
    this.#context = context;
    this.#engines = new VirtualTable<EngineRow>("Engines", this.#engineColumns(), ({ job, task }) => {
      if (job !== null) location.hash = `#/task/${job}.${task}`;
    });
    const tiles = el("ul", { class: "tiles", "aria-label": "Cluster" });
    for (const name of ["queued", "waiting", "running", "engines busy", "idle", "cold", "cost of these jobs"]) {
      const value = el("b", {}, "–");
      this.#tiles.set(name, value);
      tiles.append(el("li", {}, value, el("span", {}, name)));
    }
    const charts = el("div", { class: "charts" }, this.#queue.element, this.#throughput.element);
    const tables = [section("Jobs", this.#jobs.element), section("Engines", this.#engines.element)];
    this.element = el("div", {}, tiles, charts, el("div", { class: "columns" }, ...tables));
  }

  title(): string {
    return this.#context.state.cluster;
  }

  update(): void {
    const { engines, jobs, samples, now, isKnown } = this.#context.state;
    const rows = [...engines.values()].sort((a, b) => Number(a.id) - Number(b.id));
    const count = (state: EngineRow["state"]) => rows.filter((engine) => engine.state === state).length;
    const sample = samples.at(-1);
    const busy = rows.filter(({ load }) => load > 0).length;
    this.#tile("queued", sample && countText(sample.queued));
    this.#tile("waiting", sample && countText(sample.waiting));
    this.#tile("running", sample && countText(sample.running));
    this.#tile("engines busy", isKnown ? `${countText(busy)} of ${countText(rows.length)}` : undefined);
    this.#tile("idle", isKnown ? countText(count("idle")) : undefined);
    this.#tile("cold", isKnown ? countText(count("cold")) : undefined);
    const usd = [...jobs.values()].reduce((sum, job) => sum + job.usd, 0);
    this.#tile("cost of these jobs", isKnown ? dollarsText(usd) : undefined);
    this.#queue.show(samples, now);
    this.#throughput.show(samples, now);
    const newest = [...jobs.values()].sort((a, b) => b.submitted - a.submitted || (a.id < b.id ? 1 : -1));
    const list = <Row>(all: readonly Row[]) => ({ count: all.length, at: (place: number) => all[place] });
    this.#jobs.show(list(newest), isKnown ? "No jobs yet. Those of all clients appear here." : "Reading the cluster…");
    this.#engines.show(list(rows), isKnown ? "The cluster has no engines." : "Reading the cluster…");
  }

  #tile(name: string, text = "–"): void {
    const tile = this.#tiles.get(name);
    if (tile) setText(tile, text);
  }

  #engineColumns(): Column<EngineRow>[] {
    const { state } = this.#context;
    const jobOf = ({ job, task }: EngineRow) => {
      const known = job === null ? undefined : state.jobs.get(job);
      return job === null ? "" : `${known ? jobName(known) : shortId(job)} [${task}]`;
    };
    return [
      { title: "Engine", width: "52px", isNumber: true, isNarrow: true, text: ({ id }) => id },
      { title: "Pool", width: "minmax(60px, 1fr)", text: ({ pool }) => pool },
      {
        ...{ title: "State", width: "86px", isNarrow: true },
        text: ({ state: own }) => own,
        tone: ({ state: own }) => `state ${own}`,
      },
      { title: "Load", width: "40px", isNumber: true, isNarrow: true, text: ({ load }) => `${load}` },
      { title: "Runs", width: "minmax(70px, 2fr)", isNarrow: true, text: jobOf },
      {
        ...{ title: "For", width: "64px", isNumber: true },
        text: ({ load, since }) => (load > 0 && since > 0 ? secondsText(state.now - since) : ""),
      },
      { title: "Ended", width: "54px", isNumber: true, text: ({ completed }) => countText(completed) },
    ];
  }
}
