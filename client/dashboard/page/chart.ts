import { sharpContext } from "../../timeline/page/canvas.ts";
import { type ChartArea, linePoints, type Point, roundTop } from "../chart-scale.ts";
import type { Sample } from "../live-data.ts";
import { el } from "./dom.ts";

/** How much time a chart shows, in milliseconds. */
const SHOWN_MS = 300_000;
const HEIGHT = 90;
const TOP = 14;
const BOTTOM = 16;

/** What a chart shows of a sample. */
export interface Series {
  title: string;
  value(sample: Sample): number | null;
  /** Formats a value. */
  text(value: number): string;
  /** Name of the color in the style. */
  color: string;
}

/** A small chart of one value over the last five minutes. */
export class Chart {
  readonly #canvas = el("canvas", { role: "img" });
  readonly #series: Series;
  readonly element: HTMLElement;
  #samples: readonly Sample[] = [];
  #now = 0;

  constructor(series: Series) {
    this.#series = series;
    this.element = el("figure", { class: "chart" }, el("figcaption", {}, series.title), this.#canvas);
    new ResizeObserver(() => this.#paint()).observe(this.element);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#paint());
  }

  /** Shows the samples of the five minutes before `now`. */
  show(samples: readonly Sample[], now: number): void {
    this.#samples = samples;
    this.#now = now;
    const last = samples.at(-1);
    const value = last === undefined ? null : this.#series.value(last);
    const text = value === null ? "not known yet" : this.#series.text(value);
    this.#canvas.setAttribute("aria-label", `${this.#series.title}: now ${text}`);
    this.#paint();
  }

  #paint(): void {
    const width = this.#canvas.clientWidth;
    const ctx = sharpContext(this.#canvas, width, HEIGHT);
    if (!ctx) return;
    ctx.clearRect(0, 0, width, HEIGHT);
    const style = getComputedStyle(document.documentElement);
    const color = (name: string) => style.getPropertyValue(`--${name}`).trim();
    const values = this.#samples.flatMap((sample) => this.#series.value(sample) ?? []);
    const top = roundTop(values);
    const area = { width, height: HEIGHT - TOP - BOTTOM, from: this.#now - SHOWN_MS, to: this.#now };
    ctx.font = `11px ${getComputedStyle(document.body).fontFamily}`;
    ctx.fillStyle = color("faint");
    ctx.textBaseline = "middle";
    ctx.fillText(this.#series.text(top), 0, TOP / 2);
    ctx.fillText("5 min ago", 0, HEIGHT - BOTTOM / 2 + 1);
    ctx.textAlign = "right";
    ctx.fillText("now", width, HEIGHT - BOTTOM / 2 + 1);
    ctx.textAlign = "left";
    ctx.fillStyle = color("line");
    ctx.fillRect(0, TOP, width, 1);
    ctx.fillRect(0, TOP + area.height, width, 1);
    ctx.translate(0, TOP);
    paintLine(ctx, linePoints(this.#samples, this.#series.value, top, area), area, color(this.#series.color));
  }
}

function paintLine(ctx: CanvasRenderingContext2D, points: readonly Point[], { height }: ChartArea, color: string) {
  ctx.strokeStyle = ctx.fillStyle = color;
  ctx.lineWidth = 1.5;
  ctx.lineJoin = "round";
  for (const piece of piecesOf(points)) {
    const [first, last] = [piece[0], piece.at(-1)];
    if (!first || !last) continue;
    ctx.beginPath();
    for (const [x, y] of piece) ctx.lineTo(x, y);
    ctx.stroke();
    ctx.lineTo(last[0], height);
    ctx.lineTo(first[0], height);
    ctx.globalAlpha = 0.15;
    ctx.fill();
    ctx.globalAlpha = 1;
  }
}

function piecesOf(points: readonly Point[]): (readonly [number, number])[][] {
  const pieces: (readonly [number, number])[][] = [[]];
  for (const point of points) {
    if (point) pieces.at(-1)?.push(point);
    else pieces.push([]);
  }
  return pieces;
}
