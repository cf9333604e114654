import { runNear } from "../find-run.ts";
import { statusOf } from "../run-details.ts";
import { moved, showing, wholeWindow, zoomed } from "../view-window.ts";
import { HEAD, LANE, laneOf, type Scene, scaleOf, timeAt } from "./scene.ts";

/** Maximum distance, in pixels, of the pointer from a run that it points at. */
const REACH = 5;
const ZOOM = 1.6;
/** Part of the visible time by which an arrow key with Shift moves the window. */
const STEP = 0.2;

/** Finds the run at a position of the canvas. */
export function runAt(scene: Scene, x: number, y: number): number | undefined {
  if (x < scene.left || y < HEAD) return undefined;
  const at = y - HEAD + scene.scrolled;
  const place = scene.tops.findIndex((top) => at >= top && at < top + LANE);
  const lane = scene.lanes[place];
  return lane && runNear(scene.data.columns, lane, timeAt(scene, x), REACH / scaleOf(scene));
}

/**
 * Zooms and keeps one time in its place: the one at `x`, or else the start of the selected run if it is visible, or
 * else the middle.
 */
export function zoomBy(scene: Scene, direction: 1 | -1, x?: number): void {
  const { window, data, selected } = scene;
  const chosen = selected === undefined ? undefined : data.columns.start[selected];
  const isSeen = chosen !== undefined && chosen >= window.from && chosen <= window.to;
  const at = x !== undefined ? timeAt(scene, x) : isSeen ? chosen : (window.from + window.to) / 2;
  scene.window = zoomed(window, direction > 0 ? ZOOM : 1 / ZOOM, at, data.span);
}

/** Moves the visible time by pixels. */
export function moveBy(scene: Scene, pixels: number): void {
  scene.window = moved(scene.window, pixels / scaleOf(scene), scene.data.span);
}

/** Selects a run and makes it visible. */
export function select(scene: Scene, run: number | undefined): void {
  scene.selected = run;
  if (run === undefined) return;
  const { start, ran } = scene.data.columns;
  const begin = start[run] ?? 0;
  scene.window = showing(scene.window, begin, begin + (ran[run] ?? 0), scene.data.span);
}

/** Selects the next run that did not succeed, in order of time; after the last one the first. */
export function selectNextFailure(scene: Scene): void {
  const { columns } = scene.data;
  const failures = columns.start
    .map((_, run) => run)
    .filter((run) => statusOf(scene.data, run) !== "ok")
    .sort((a, b) => (columns.start[a] ?? 0) - (columns.start[b] ?? 0) || a - b);
  const at = scene.selected === undefined ? -1 : failures.indexOf(scene.selected);
  select(scene, failures[(at + 1) % failures.length]);
}

/** Zooms to the selected run and the timeline around it. */
function zoomToRun(scene: Scene): void {
  const { selected, data } = scene;
  if (selected === undefined) return;
  const start = data.columns.start[selected] ?? 0;
  const length = Math.max(20, data.columns.ran[selected] ?? 0);
  const factor = (scene.window.to - scene.window.from) / (length * 3);
  const near = zoomed(scene.window, factor, start + length / 2, data.span);
  scene.window = showing(near, start - length, start + 2 * length, data.span);
}

/**
 * Selects a neighbor of the selected run: the one before (`along` -1) or after it (1) in its lane, or one at about the
 * same time in a lane above (`across` -1) or below (1). If no run is selected, selects one in the first lane that
 * has any.
 */
function selectNeighbor(scene: Scene, along: number, across: number): void {
  const { data, lanes, selected, window } = scene;
  if (selected === undefined) {
    const first = lanes.find(({ from, to }) => to > from);
    const near = first && runNear(data.columns, first, (window.from + window.to) / 2, data.span);
    select(scene, near);
    return;
  }
  const at = laneOf(scene, selected);
  const own = lanes[at];
  if (own === undefined) return;
  if (along !== 0) {
    select(scene, Math.min(own.to - 1, Math.max(own.from, selected + along)));
    return;
  }
  for (let next = at + across; next >= 0 && next < lanes.length; next += across) {
    const lane = lanes[next];
    const near = lane && runNear(data.columns, lane, data.columns.start[selected] ?? 0, data.span + 1);
    if (near === undefined) continue;
    select(scene, near);
    return;
  }
}

/** What each key does. */
const KEYS: Record<string, (scene: Scene, isShift: boolean) => void> = {
  ArrowLeft: (scene, isShift) => horizontally(scene, -1, isShift),
  ArrowRight: (scene, isShift) => horizontally(scene, 1, isShift),
  ArrowUp: (scene) => selectNeighbor(scene, 0, -1),
  ArrowDown: (scene) => selectNeighbor(scene, 0, 1),
  "+": (scene) => zoomBy(scene, 1),
  "=": (scene) => zoomBy(scene, 1),
  "-": (scene) => zoomBy(scene, -1),
  "0": (scene) => {
    scene.window = wholeWindow(scene.data.span);
  },
  Enter: (scene) => zoomToRun(scene),
  Escape: (scene) => select(scene, undefined),
};

function horizontally(scene: Scene, direction: 1 | -1, isShift: boolean): void {
  if (isShift) moveBy(scene, direction * STEP * (scene.width - scene.left));
  else selectNeighbor(scene, direction, 0);
}

/** Handles a pressed key. Returns whether the page uses this key. */
export function pressed(scene: Scene, key: string, isShift: boolean): boolean {
  if (!Object.hasOwn(KEYS, key)) return false;
  KEYS[key]?.(scene, isShift);
  return true;
}
