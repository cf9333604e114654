import { firstFrom } from "../find-run.ts";
import { statusOf } from "../run-details.ts";
import { FETCHED, PARKED, phasesIn } from "../run-phases.ts";
import { BLOCK, HEAD, LANE, laneOf, type Scene, scaleOf, xOf, yOf } from "./scene.ts";
import { runColor, type Theme } from "./theme.ts";

/** Distance of a block from the top of its lane. */
const INSET = (LANE - BLOCK) / 2;
/** A block that is at least this wide shows its name. */
const NAMED = 46;

/** Draws the visible runs, then the failures, the marks, and the selected run on top of them. */
export function paintRuns(ctx: CanvasRenderingContext2D, scene: Scene, theme: Theme): void {
  const { lanes, window, height, selected, hovered } = scene;
  const { columns } = scene.data;
  const later: [run: number, y: number][] = [];
  for (const [at, lane] of lanes.entries()) {
    const y = yOf(scene, at) + INSET;
    if (y + LANE < HEAD || y > height) continue;
    let first = firstFrom(columns, lane, window.from) - 1;
    while (first > lane.from && columns.kind[first] !== 0) first--;
    let drawn = "";
    for (let run = Math.max(first, lane.from); run < lane.to && (columns.start[run] ?? 0) <= window.to; run++) {
      if (columns.kind[run] !== 0 || statusOf(scene.data, run) !== "ok") later.push([run, y]);
      else drawn = paintBlock(ctx, scene, theme, { run, y, drawn });
    }
  }
  for (const [run, y] of later) paintFailure(ctx, scene, theme, { run, y });
  for (const run of [hovered, selected]) if (run !== undefined) paintSelected(ctx, scene, theme, run);
}

interface Spot {
  run: number;
  y: number;
}

function extentOf(scene: Scene, run: number): { x: number; width: number } {
  const { start, ran } = scene.data.columns;
  const x = xOf(scene, start[run] ?? 0);
  const from = Math.max(scene.left - 4, x);
  const to = Math.min(scene.width + 4, x + (ran[run] ?? 0) * scaleOf(scene));
  return { x: from, width: Math.max(1, to - from) };
}

/**
 * Draws a block, unless it is one pixel wide and equals the block drawn before it: a pixel may have thousands of blocks.
 * Returns the color and position of the block if it is one pixel wide, and otherwise an empty text.
 */
function paintBlock(
  ctx: CanvasRenderingContext2D,
  scene: Scene,
  theme: Theme,
  { run, y, drawn }: Spot & { drawn: string },
): string {
  const { x, width } = extentOf(scene, run);
  const color = runColor(theme, scene, run);
  const mark = width > 1 ? "" : `${color} ${Math.round(x)}`;
  if (mark !== "" && mark === drawn) return drawn;
  ctx.fillStyle = color;
  // Leave a gap of a pixel after each block that is wide enough.
  ctx.fillRect(x, y, width > 4 ? width - 1 : width, BLOCK);
  paintPhases(ctx, scene, theme, { run, y });
  paintReport(ctx, scene, theme, { run, y });
  if (width >= NAMED) paintName(ctx, scene, { run, y }, { x, width, color: theme.on });
  return mark;
}

/** Draws the time from the end of a run until its outcome was written, as a thin bar. */
function paintReport(ctx: CanvasRenderingContext2D, scene: Scene, theme: Theme, { run, y }: Spot): void {
  const { start, ran, reported } = scene.data.columns;
  const width = (reported[run] ?? 0) * scaleOf(scene);
  if (width < 2) return;
  ctx.fillStyle = theme.faint;
  ctx.fillRect(xOf(scene, (start[run] ?? 0) + (ran[run] ?? 0)), y + BLOCK - 3, width, 2);
}

/**
 * Draws the cold start and the fetching of arguments as thin bars before a block, and hollows it out where its task
 * waited for others.
 */
function paintPhases(ctx: CanvasRenderingContext2D, scene: Scene, theme: Theme, { run, y }: Spot): void {
  for (const { phase, from, lasted } of phasesIn(scene.data.phases, run)) {
    const x = Math.max(scene.left - 4, xOf(scene, from));
    const width = Math.min(scene.width + 4, xOf(scene, from + lasted)) - x;
    if (width < 2) continue;
    ctx.fillStyle = phase === PARKED ? theme.page : theme.faint;
    if (phase === PARKED) ctx.fillRect(x, y + 2, width, BLOCK - 4);
    else if (phase === FETCHED) ctx.fillRect(x, y + BLOCK / 2 - 2, width, 4);
    else for (let at = 0; at < width; at += 7) ctx.fillRect(x + at, y + BLOCK / 2 - 1, Math.min(4, width - at), 2);
  }
}

function paintName(
  ctx: CanvasRenderingContext2D,
  { data }: Scene,
  { run, y }: Spot,
  { x, width, color }: { x: number; width: number; color: string },
): void {
  const { name, attempt } = data.columns;
  const again = (attempt[run] ?? 1) > 1 ? ` ↻${(attempt[run] ?? 1) - 1}` : "";
  const text = (data.names[name[run] ?? 0] ?? "") + again;
  ctx.save();
  ctx.beginPath();
  ctx.rect(x, y, width - 4, BLOCK);
  ctx.clip();
  ctx.fillStyle = color;
  ctx.textAlign = "left";
  ctx.fillText(text.slice(0, 200), x + 5, y + BLOCK / 2 + 0.5);
  ctx.restore();
}

/**
 * Draws a run that did not succeed. A narrow one is red and higher than other blocks. A wider one has a red outline and
 * a bar below, so that failures can be distinguished without seeing colors.
 */
function paintFailure(ctx: CanvasRenderingContext2D, scene: Scene, theme: Theme, { run, y }: Spot): void {
  if (scene.data.columns.kind[run] !== 0) {
    paintMark(ctx, scene, theme, { run, y });
    return;
  }
  const { x, width } = extentOf(scene, run);
  paintReport(ctx, scene, theme, { run, y });
  if (width <= 6) {
    ctx.fillStyle = theme.bad;
    ctx.fillRect(x, y - 2, Math.max(2, width - 1), BLOCK + 4);
    return;
  }
  ctx.fillStyle = theme.page;
  ctx.fillRect(x, y, width, BLOCK);
  ctx.globalAlpha = 0.3;
  ctx.fillStyle = runColor(theme, scene, run);
  ctx.fillRect(x, y, width, BLOCK);
  ctx.globalAlpha = 1;
  ctx.fillStyle = theme.bad;
  ctx.fillRect(x, y + BLOCK - 3, width - 1, 3);
  ctx.strokeStyle = theme.bad;
  ctx.lineWidth = 1.5;
  // An attempt that did not end by itself has a dashed outline.
  ctx.setLineDash(statusOf(scene.data, run) === "error" ? [] : [3, 2]);
  ctx.strokeRect(x + 0.75, y + 0.75, width - 2.5, BLOCK - 1.5);
  ctx.setLineDash([]);
  paintPhases(ctx, scene, theme, { run, y });
  if (width >= NAMED) paintName(ctx, scene, { run, y: y - 1 }, { x, width, color: theme.text });
}

/** Draws a refusal, or an end without a known start, as a diamond. */
function paintMark(ctx: CanvasRenderingContext2D, scene: Scene, theme: Theme, { run, y }: Spot): void {
  const x = xOf(scene, scene.data.columns.start[run] ?? 0);
  const middle = y + BLOCK / 2;
  ctx.beginPath();
  ctx.moveTo(x, middle - 7);
  ctx.lineTo(x + 5, middle);
  ctx.lineTo(x, middle + 7);
  ctx.lineTo(x - 5, middle);
  ctx.closePath();
  ctx.fillStyle = theme.page;
  ctx.fill();
  ctx.strokeStyle = theme.bad;
  ctx.lineWidth = 1.5;
  ctx.stroke();
}

/** Outlines a run, with the time that its task waited before, and a line through its attempts. */
function paintSelected(ctx: CanvasRenderingContext2D, scene: Scene, theme: Theme, run: number): void {
  const { columns } = scene.data;
  const y = yOf(scene, laneOf(scene, run)) + INSET;
  const { x, width } = extentOf(scene, run);
  const isRun = columns.kind[run] === 0;
  ctx.strokeStyle = theme.focus;
  ctx.fillStyle = theme.focus;
  const queued = Math.max(scene.left, xOf(scene, columns.queued[run] ?? 0));
  if (queued < x) ctx.fillRect(queued, y + BLOCK + 1, x - queued, 2);
  const end = (columns.start[run] ?? 0) + (columns.ran[run] ?? 0);
  if (isRun) ctx.fillRect(xOf(scene, end), y + BLOCK + 1, (columns.reported[run] ?? 0) * scaleOf(scene), 2);
  ctx.lineWidth = 2;
  if (isRun) ctx.strokeRect(x - 1, y - 1, width + 1, BLOCK + 2);
  else ctx.strokeRect(x - 7, y - 1, 14, BLOCK + 2);
  ctx.setLineDash([4, 3]);
  ctx.lineWidth = 1.5;
  const attempts = attemptsOf(scene, run);
  for (const [place, next] of attempts.entries()) {
    const before = attempts[place - 1];
    if (before === undefined) continue;
    ctx.beginPath();
    ctx.moveTo(xOf(scene, (columns.start[before] ?? 0) + (columns.ran[before] ?? 0)), middleOf(scene, before));
    ctx.lineTo(xOf(scene, columns.start[next] ?? 0), middleOf(scene, next));
    ctx.stroke();
  }
  ctx.setLineDash([]);
}

function middleOf(scene: Scene, run: number): number {
  return yOf(scene, laneOf(scene, run)) + LANE / 2;
}

/** The runs and marks of a run's task, in order of time. */
function attemptsOf({ data: { columns } }: Scene, run: number): number[] {
  const found: number[] = [];
  for (const [other, task] of columns.task.entries())
    if (task === columns.task[run] && columns.job[other] === columns.job[run]) found.push(other);
  return found.sort((a, b) => (columns.start[a] ?? 0) - (columns.start[b] ?? 0));
}
