import { axisTimes } from "../shown-time.ts";
import type { TaskCount } from "../task-counts.ts";
import { paintRuns } from "./paint-runs.ts";
import { AXIS, HEAD, LANE, type Scene, xOf, yOf } from "./scene.ts";
import type { Theme } from "./theme.ts";

/** Width of a label of the axis with the space around it, in pixels. */
const LABEL = 90;

/** Draws the whole chart. */
export function paintChart(ctx: CanvasRenderingContext2D, scene: Scene, theme: Theme, counts: TaskCount[]): void {
  const { width, height, left } = scene;
  ctx.fillStyle = theme.page;
  ctx.fillRect(0, 0, width, height);
  ctx.font = `12px ${theme.font}`;
  ctx.textBaseline = "middle";
  ctx.save();
  ctx.beginPath();
  ctx.rect(0, HEAD, width, height - HEAD);
  ctx.clip();
  paintRows(ctx, scene, theme);
  paintGrid(ctx, scene, theme);
  ctx.beginPath();
  ctx.rect(left, HEAD, width - left, height - HEAD);
  ctx.clip();
  paintRuns(ctx, scene, theme);
  ctx.restore();
  paintAxis(ctx, scene, theme);
  paintCounts(ctx, scene, theme, counts);
}

function paintRows(ctx: CanvasRenderingContext2D, scene: Scene, theme: Theme): void {
  const { width, height, left, lanes, data } = scene;
  for (const [at, { row, lane }] of lanes.entries()) {
    const y = yOf(scene, at);
    if (y + LANE < HEAD || y > height) continue;
    ctx.fillStyle = theme.idle;
    ctx.fillRect(left, y, width - left, LANE);
    if (lane > 0) continue;
    ctx.fillStyle = theme.text;
    ctx.textAlign = "left";
    ctx.fillText(data.rows[row]?.name ?? "", 8, y + LANE / 2, left - 14);
  }
}

function timesOf({ window, width, left }: Scene): { at: number; label: string }[] {
  return axisTimes(window.from, window.to, (width - left) / LABEL);
}

function paintGrid(ctx: CanvasRenderingContext2D, scene: Scene, theme: Theme): void {
  ctx.fillStyle = theme.line;
  for (const { at } of timesOf(scene)) {
    const x = Math.round(xOf(scene, at));
    if (x >= scene.left) ctx.fillRect(x, HEAD, 1, scene.height);
  }
}

function paintAxis(ctx: CanvasRenderingContext2D, scene: Scene, theme: Theme): void {
  ctx.textAlign = "center";
  ctx.fillStyle = theme.faint;
  for (const { at, label } of timesOf(scene)) {
    const x = xOf(scene, at);
    const half = LABEL / 3;
    ctx.fillText(label, Math.min(scene.width - half, Math.max(scene.left + half / 2, x)), AXIS / 2);
  }
}

/** Draws how many tasks waited, as an area, and how many ran, as a line. Each has a scale of its own. */
function paintCounts(ctx: CanvasRenderingContext2D, scene: Scene, theme: Theme, counts: TaskCount[]): void {
  const { left, width } = scene;
  const [top, bottom] = [AXIS + 4, HEAD - 8];
  const most = (key: "waiting" | "running") => counts.reduce((all, one) => Math.max(all, one[key]), 0);
  const [waiting, running] = [most("waiting"), most("running")];
  ctx.textAlign = "left";
  ctx.fillStyle = theme.faint;
  ctx.fillText(`waiting ≤ ${waiting}`, 8, top + 10, left - 14);
  ctx.fillStyle = theme.text;
  ctx.fillText(`running ≤ ${running}`, 8, top + 28, left - 14);
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, top, width - left, bottom - top + 1);
  ctx.clip();
  const height = (count: number, largest: number) => bottom - ((bottom - top) * count) / Math.max(1, largest);
  steps(ctx, scene, counts, ({ waiting: count }) => height(count, waiting));
  ctx.lineTo(width, bottom);
  ctx.lineTo(left, bottom);
  ctx.fillStyle = theme.line;
  ctx.fill();
  steps(ctx, scene, counts, ({ running: count }) => height(count, running));
  ctx.strokeStyle = theme.text;
  ctx.lineWidth = 1.25;
  ctx.stroke();
  ctx.restore();
  ctx.fillStyle = theme.line;
  ctx.fillRect(left, bottom + 1, width - left, 1);
}

function steps(
  ctx: CanvasRenderingContext2D,
  scene: Scene,
  counts: TaskCount[],
  heightOf: (count: TaskCount) => number,
): void {
  ctx.beginPath();
  let y = heightOf({ at: 0, waiting: 0, running: 0 });
  ctx.moveTo(scene.left - 2, y);
  for (const count of counts) {
    const x = Math.min(scene.width + 2, Math.max(scene.left - 2, xOf(scene, count.at)));
    ctx.lineTo(x, y);
    y = heightOf(count);
    ctx.lineTo(x, y);
  }
  ctx.lineTo(scene.width + 2, y);
}
