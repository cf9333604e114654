import { onNextFrame, sharpContext } from "../../timeline/page/canvas.ts";
import { type GraphLayout, graphLayout } from "../graph-layout.ts";
import type { GraphData } from "../live-data.ts";
import { countText } from "../shown-text.ts";
import { el, setText } from "./dom.ts";
import { type GraphScene, paintGraph, taskAt } from "./graph-painter.ts";
import { Reloader } from "./reloader.ts";
import type { ViewContext } from "./view.ts";

/** Colors of states; other ends are failures. */
const COLORS: Record<string, string> = { ok: "c1", running: "c0", waiting: "c2", queued: "faint", pending: "faint" };
const NAMES: [color: string, name: string][] = [
  ["c1", "ok"],
  ["bad", "failed"],
  ["c0", "running"],
  ["c2", "waiting for others"],
  ["faint", "queued"],
];

/** Which tasks of a job wait for which. */
export class GraphView {
  readonly element = el("div", { class: "graph" });
  readonly #context: ViewContext;
  readonly #job: string;
  readonly #reloader = new Reloader(() => this.#load());
  readonly #text = el("p", { class: "faint" }, "Reading which tasks wait for which…");
  readonly #canvas = el("canvas", {
    ...{ tabindex: "0", role: "application", "aria-roledescription": "graph" },
    "aria-label": "Graph of tasks. Left and right follow waits, up and down move between tasks, Enter opens a task.",
  });
  readonly #room = el("div", {}, this.#canvas);
  readonly #view = el("div", { class: "graph-view", hidden: "" }, this.#room);
  readonly #chosen = el("p", { class: "faint", "aria-live": "polite" });
  #data: GraphData = { ids: [], states: [], edges: [], left: 0 };
  #layout: GraphLayout = graphLayout(0, []);
  #selected: number | undefined;
  #hovered: number | undefined;
  /** Asks for a new frame. */
  readonly #ask = onNextFrame(() => this.#draw());

  constructor(context: ViewContext, job: string) {
    this.#context = context;
    this.#job = job;
    const legend = el("ul", { class: "legend", "aria-label": "Colors" });
    for (const [color, name] of NAMES) {
      const swatch = el("i");
      swatch.style.background = `var(--${color})`;
      legend.append(el("li", {}, swatch, name));
    }
    this.element.append(this.#text, legend, this.#view, this.#chosen);
    this.#view.addEventListener("scroll", () => this.#ask(), { passive: true });
    new ResizeObserver(() => this.#ask()).observe(this.#view);
    this.#canvas.addEventListener("pointermove", (event) => this.#hover(this.#at(event)));
    this.#canvas.addEventListener("pointerleave", () => this.#hover(undefined));
    this.#canvas.addEventListener("click", (event) => {
      this.#selected = this.#at(event);
      this.#open();
    });
    this.#canvas.addEventListener("keydown", (event) => this.#press(event));
  }

  /** Loads the graph, again if more tasks have ended, and colors it by the tasks' states. */
  update(ended: number): void {
    this.#reloader.update(ended);
    this.#ask();
  }

  async #load(): Promise<void> {
    try {
      const data = await this.#context.server.get<GraphData>(`/graph?job=${this.#job}`);
      if (data.ids.join() !== this.#data.ids.join()) this.#layout = graphLayout(data.ids.length, data.edges);
      this.#data = data;
      this.#describe();
    } catch (error) {
      setText(this.#text, error instanceof Error ? error.message : String(error));
    }
    this.#ask();
  }

  #describe(): void {
    const { ids, edges, left } = this.#data;
    this.#view.hidden = ids.length === 0;
    const cut = left === 0 ? "" : `; ${countText(left)} more waits are not drawn`;
    const counts = `${countText(ids.length)} tasks, ${countText(edges.length / 2)} waits, ${this.#layout.levels} levels`;
    setText(this.#text, ids.length === 0 ? "No task of this job waits for another." : counts + cut);
    this.#room.style.width = `${this.#layout.width}px`;
    this.#room.style.height = `${this.#layout.height}px`;
    // Two for the border.
    this.#view.style.height = `${this.#layout.height + 2}px`;
  }

  #stateOf(task: number): string {
    const index = Number(this.#data.ids[task]?.split(".")[1]);
    return this.#data.states[task] ?? this.#context.state.tasks.at(index).state;
  }

  #draw(): void {
    const { clientWidth: width, clientHeight: height, scrollLeft: left, scrollTop: top } = this.#view;
    const ctx = sharpContext(this.#canvas, width, height);
    if (!ctx) return;
    Object.assign(this.#canvas.style, { width: `${width}px`, height: `${height}px` });
    const style = getComputedStyle(document.documentElement);
    const colors = this.#data.ids.map((_, task) => COLORS[this.#stateOf(task)] ?? "bad");
    const scene: GraphScene = {
      ...{ layout: this.#layout, edges: this.#data.edges, colors, left, top, width, height },
      ...{ selected: this.#selected, hovered: this.#hovered },
    };
    paintGraph(ctx, scene, (name) => style.getPropertyValue(`--${name}`).trim());
    const shown = this.#hovered ?? this.#selected;
    const isOwn = (id: string) => id.startsWith(this.#job);
    const id = shown === undefined ? undefined : this.#data.ids[shown];
    const name = id === undefined ? "" : isOwn(id) ? `task ${id.split(".")[1]}` : `task ${id} of another job`;
    setText(
      this.#chosen,
      shown === undefined ? "Point at a task, or press an arrow key." : `${name}: ${this.#stateOf(shown)}`,
    );
  }

  #at({ offsetX, offsetY }: MouseEvent): number | undefined {
    return taskAt(this.#layout, offsetX + this.#view.scrollLeft, offsetY + this.#view.scrollTop);
  }

  #hover(task: number | undefined): void {
    if (task === this.#hovered) return;
    this.#hovered = task;
    this.#canvas.style.cursor = task === undefined ? "" : "pointer";
    this.#ask();
  }

  #press(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter") this.#open();
    else if (event.key.startsWith("Arrow")) this.#move(event.key);
    else return;
    event.preventDefault();
  }

  #move(key: string): void {
    const next = this.#selected === undefined ? 0 : neighbor(this.#data.edges, this.#layout, this.#selected, key);
    if (next === undefined || next >= this.#data.ids.length) return;
    this.#selected = next;
    const [x = 0, y = 0] = [this.#layout.x[next], this.#layout.y[next]];
    const { clientWidth, clientHeight, scrollLeft, scrollTop } = this.#view;
    if (x < scrollLeft + 20 || x > scrollLeft + clientWidth - 20) this.#view.scrollLeft = x - clientWidth / 2;
    if (y < scrollTop + 20 || y > scrollTop + clientHeight - 20) this.#view.scrollTop = y - clientHeight / 2;
    this.#ask();
  }

  #open(): void {
    const id = this.#selected === undefined ? undefined : this.#data.ids[this.#selected];
    if (id !== undefined) location.hash = `#/task/${id}`;
  }
}

/** The task that an arrow key leads to: one that is waited for, one that waits, or the next one above or below. */
function neighbor(edges: readonly number[], { x, y }: GraphLayout, task: number, key: string): number | undefined {
  const [own, other] = key === "ArrowLeft" ? [1, 0] : [0, 1];
  if (key === "ArrowLeft" || key === "ArrowRight") {
    for (let at = 0; at < edges.length; at += 2) if (edges[at + own] === task) return edges[at + other];
    return undefined;
  }
  const direction = key === "ArrowUp" ? -1 : 1;
  const distance = (one: number) => ((y[one] ?? 0) - (y[task] ?? 0)) * direction;
  const column = [...x.keys()].filter((one) => x[one] === x[task] && distance(one) > 0);
  return column.sort((a, b) => distance(a) - distance(b))[0];
}
