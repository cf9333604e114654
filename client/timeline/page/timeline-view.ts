import { taskCounts } from "../task-counts.ts";
import type { TimelineData } from "../timeline-data.ts";
import { wholeWindow } from "../view-window.ts";
import { onNextFrame, sharpContext } from "./canvas.ts";
import { moveBy, pressed, runAt, select, selectNextFailure, zoomBy } from "./moves.ts";
import { paintChart } from "./paint-chart.ts";
import { showDetails, showLegend, tipText } from "./panels.ts";
import { HEAD, LANE, laneOf, newScene, type Scene } from "./scene.ts";
import { readTheme } from "./theme.ts";

const MAX_COUNTS = 2000;
const DRAG = 4;

/** The elements in which a timeline is shown. */
export interface TimelinePlaces {
  /** Scrolls; contains `room`, which is as high as all rows and contains the canvas. */
  view: HTMLElement;
  room: HTMLElement;
  chart: HTMLCanvasElement;
  tip: HTMLElement;
  /** Shows facts about the selected run; while none is selected, its initial content. */
  details: HTMLElement;
  legend: HTMLElement;
}

/** A timeline on a canvas, which answers to pointer and keys. */
export class TimelineView {
  readonly #at: TimelinePlaces;
  readonly #advice: ChildNode[];
  #scene: Scene;
  #counts: ReturnType<typeof taskCounts>;
  #theme = readTheme();
  #shown: number | undefined;
  /** Asks for a new frame. */
  readonly #ask = onNextFrame(() => this.#draw());

  constructor(places: TimelinePlaces, data: TimelineData) {
    this.#at = places;
    this.#advice = [...places.details.childNodes];
    this.#scene = newScene(data);
    this.#counts = taskCounts(data, MAX_COUNTS);
    places.view.addEventListener("scroll", () => this.#ask(), { passive: true });
    window.addEventListener("resize", () => this.fit());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      this.#theme = readTheme();
      this.#showLegend();
      this.#ask();
    });
    this.#listenToPointer();
    this.#listenToKeys();
    this.#showLegend();
    this.fit();
  }

  /** Shows newer data of the same tasks. Keeps the selected run, and the visible time unless it is the whole. */
  show(data: TimelineData): void {
    const { window, selected, colorBy, data: before } = this.#scene;
    const isWhole = window.to >= wholeWindow(before.span).to && window.from === 0;
    this.#scene = newScene(data);
    this.#scene.colorBy = colorBy;
    if (!isWhole) this.#scene.window = window;
    this.#scene.selected = selected === undefined ? undefined : sameRun(before, selected, data);
    this.#counts = taskCounts(data, MAX_COUNTS);
    this.#shown = undefined;
    this.#showLegend();
    this.fit();
  }

  zoom(direction: 1 | -1): void {
    this.#change(() => zoomBy(this.#scene, direction));
  }

  showAll(): void {
    this.#change(() => Object.assign(this.#scene, { window: wholeWindow(this.#scene.data.span) }));
  }

  nextFailure(): void {
    this.#change(() => selectNextFailure(this.#scene));
  }

  colorBy(by: "name" | "status"): void {
    this.#scene.colorBy = by;
    this.#showLegend();
    this.#ask();
  }

  /** Fits the canvas to the page. */
  fit(): void {
    const { room, view, chart } = this.#at;
    const whole = HEAD + this.#scene.rowsHeight;
    room.style.height = `${whole}px`;
    const most = window.innerHeight * 0.72;
    view.style.height = `${Math.min(whole, most) + 2}px`;
    const [width, height] = [view.clientWidth, view.clientHeight];
    Object.assign(this.#scene, { width, height, left: width < 520 ? 84 : 120 });
    chart.style.height = `${height}px`;
    this.#ask();
  }

  #change(act: () => void): void {
    act();
    this.#scrollToSelected();
    this.#ask();
  }

  #showLegend(): void {
    showLegend(this.#at.legend, this.#scene.data, this.#theme, this.#scene.colorBy);
  }

  #draw(): void {
    const { chart, view, details } = this.#at;
    const scene = this.#scene;
    const ctx = sharpContext(chart, scene.width, scene.height);
    if (!ctx) return;
    scene.scrolled = view.scrollTop;
    paintChart(ctx, scene, this.#theme, this.#counts);
    if (scene.selected === this.#shown) return;
    this.#shown = scene.selected;
    if (this.#shown === undefined) details.replaceChildren(...this.#advice);
    else showDetails(details, scene.data, this.#shown);
  }

  /** Scrolls to the lane of the selected run. */
  #scrollToSelected(): void {
    const scene = this.#scene;
    if (scene.selected === undefined) return;
    const { view } = this.#at;
    const top = scene.tops[laneOf(scene, scene.selected)] ?? 0;
    const [first, last] = [view.scrollTop, view.scrollTop + scene.height - HEAD - LANE];
    if (top < first) view.scrollTop = top;
    else if (top > last) view.scrollTop = top - (last - first);
  }

  #point(event: PointerEvent): void {
    const { chart, tip } = this.#at;
    const { left, top } = chart.getBoundingClientRect();
    const run = runAt(this.#scene, event.clientX - left, event.clientY - top);
    if (run !== this.#scene.hovered) {
      this.#scene.hovered = run;
      this.#ask();
    }
    tip.hidden = run === undefined;
    if (run === undefined) return;
    tip.textContent = tipText(this.#scene.data, run);
    const { offsetWidth, offsetHeight } = tip;
    const x = Math.min(event.clientX + 14, window.innerWidth - offsetWidth - 8);
    const isBelow = event.clientY + 18 + offsetHeight < window.innerHeight;
    tip.style.left = `${Math.max(8, x)}px`;
    tip.style.top = `${isBelow ? event.clientY + 18 : event.clientY - offsetHeight - 12}px`;
  }

  #listenToPointer(): void {
    const { chart, tip } = this.#at;
    let last: number | undefined;
    let traveled = 0;
    chart.addEventListener("pointerdown", ({ clientX, pointerId }) => {
      last = clientX;
      traveled = 0;
      chart.setPointerCapture(pointerId);
    });
    chart.addEventListener("pointermove", (event) => {
      if (last === undefined) return this.#point(event);
      traveled += Math.abs(event.clientX - last);
      if (traveled < DRAG) return;
      tip.hidden = true;
      moveBy(this.#scene, last - event.clientX);
      last = event.clientX;
      this.#ask();
    });
    chart.addEventListener("pointerup", (event) => {
      last = undefined;
      if (traveled >= DRAG) return;
      this.#point(event);
      select(this.#scene, this.#scene.hovered);
      this.#ask();
    });
    chart.addEventListener("pointercancel", () => {
      last = undefined;
    });
    chart.addEventListener("pointerleave", () => {
      this.#scene.hovered = undefined;
      tip.hidden = true;
      this.#ask();
    });
    chart.addEventListener("dblclick", ({ offsetX }) => {
      zoomBy(this.#scene, 1, offsetX);
      this.#ask();
    });
    chart.addEventListener("wheel", (event) => this.#turn(event), { passive: false });
  }

  #turn(event: WheelEvent): void {
    const { ctrlKey, metaKey, shiftKey, deltaX, deltaY, offsetX } = event;
    if (ctrlKey || metaKey) zoomBy(this.#scene, deltaY < 0 ? 1 : -1, offsetX);
    else if (shiftKey || Math.abs(deltaX) > Math.abs(deltaY)) moveBy(this.#scene, deltaX || deltaY);
    else return;
    event.preventDefault();
    this.#at.tip.hidden = true;
    this.#ask();
  }

  #listenToKeys(): void {
    this.#at.chart.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (!pressed(this.#scene, event.key, event.shiftKey)) return;
      event.preventDefault();
      this.#at.tip.hidden = true;
      this.#scrollToSelected();
      this.#ask();
    });
  }
}

/** The run of newer data that is the same attempt of the same task. */
function sameRun(before: TimelineData, run: number, { columns, jobs }: TimelineData): number | undefined {
  const job = jobs.indexOf(before.jobs[before.columns.job[run] ?? 0] ?? "");
  const [task, attempt] = [before.columns.task[run], before.columns.attempt[run]];
  const found = columns.task.findIndex(
    (one, at) => one === task && columns.attempt[at] === attempt && columns.job[at] === job,
  );
  return found < 0 ? undefined : found;
}
