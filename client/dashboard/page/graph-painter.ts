import type { GraphLayout } from "../graph-layout.ts";

/** Half of a task's width, in pixels. */
const RADIUS = 6;

/** A graph as it is drawn. */
export interface GraphScene {
  layout: GraphLayout;
  edges: readonly number[];
  /** Name of the color of each task. */
  colors: readonly string[];
  selected: number | undefined;
  hovered: number | undefined;
  /** The visible part. */
  left: number;
  top: number;
  width: number;
  height: number;
}

/** Draws the visible part of a graph. */
export function paintGraph(ctx: CanvasRenderingContext2D, scene: GraphScene, color: (name: string) => string): void {
  const { left, top, width, height, layout, colors, selected, hovered } = scene;
  ctx.clearRect(0, 0, width, height);
  ctx.save();
  ctx.translate(-left, -top);
  ctx.lineWidth = 1;
  ctx.strokeStyle = color("line");
  paintEdges(ctx, scene, () => true);
  const chosen = hovered ?? selected;
  if (chosen !== undefined) {
    ctx.lineWidth = 1.5;
    ctx.strokeStyle = color("text");
    paintEdges(ctx, scene, (from, to) => from === chosen || to === chosen);
  }
  for (const [task, x] of layout.x.entries()) {
    const y = layout.y[task] ?? 0;
    if (x < left - RADIUS || x > left + width + RADIUS) continue;
    const name = colors[task] ?? "faint";
    ctx.fillStyle = ctx.strokeStyle = color(name);
    ctx.beginPath();
    // Failures have another shape too, for those who cannot tell the colors apart.
    if (name === "bad") ctx.rect(x - RADIUS, y - RADIUS, 2 * RADIUS, 2 * RADIUS);
    else ctx.arc(x, y, RADIUS, 0, 2 * Math.PI);
    ctx.fill();
    if (task !== selected) continue;
    ctx.strokeStyle = color("focus");
    ctx.lineWidth = 2;
    ctx.beginPath();
    ctx.arc(x, y, RADIUS + 4, 0, 2 * Math.PI);
    ctx.stroke();
  }
  ctx.restore();
}

function paintEdges(
  ctx: CanvasRenderingContext2D,
  { edges, layout: { x, y }, left, width }: GraphScene,
  isWanted: (from: number, to: number) => boolean,
): void {
  ctx.beginPath();
  for (let at = 0; at < edges.length; at += 2) {
    const [from = 0, to = 0] = [edges[at], edges[at + 1]];
    const [startX = 0, startY = 0, endX = 0, endY = 0] = [x[from], y[from], x[to], y[to]];
    if (!isWanted(from, to) || endX < left || startX > left + width) continue;
    const middle = (startX + endX) / 2;
    ctx.moveTo(startX, startY);
    ctx.bezierCurveTo(middle, startY, middle, endY, endX, endY);
  }
  ctx.stroke();
}

/** The task at a position of the graph. */
export function taskAt({ x, y }: GraphLayout, atX: number, atY: number): number | undefined {
  const found = x.findIndex((own, task) => Math.hypot(own - atX, (y[task] ?? 0) - atY) <= RADIUS + 3);
  return found < 0 ? undefined : found;
}
