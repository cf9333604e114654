import { type Lane, lanesOf } from "../find-run.ts";
import type { TimelineData } from "../timeline-data.ts";
import { type ViewWindow, wholeWindow } from "../view-window.ts";

/** Height of the axis, and of the axis together with the chart of waiting and running tasks, in pixels. */
export const AXIS = 22;
export const HEAD = 80;
/** Height of a lane, of a block in it, and of the space between rows, in pixels. */
export const LANE = 22;
export const BLOCK = 16;
const GAP = 6;

/** What the chart shows, and how. Functions that handle input change the scene; then a new frame is requested. */
export interface Scene {
  readonly data: TimelineData;
  readonly lanes: readonly Lane[];
  /** Distance of each lane from the first one, in pixels. */
  readonly tops: readonly number[];
  /** Height of all lanes. */
  readonly rowsHeight: number;
  /** Size of the canvas, width of the engines' names, and how far the rows are scrolled; in pixels. */
  width: number;
  height: number;
  left: number;
  scrolled: number;
  window: ViewWindow;
  selected: number | undefined;
  hovered: number | undefined;
  colorBy: "name" | "status";
}

/** Makes the scene that shows everything. */
export function newScene(data: TimelineData): Scene {
  const lanes = lanesOf(data);
  const tops: number[] = [];
  let height = 0;
  for (const { lane } of lanes) {
    if (lane === 0 && height > 0) height += GAP;
    tops.push(height);
    height += LANE;
  }
  return {
    ...{ data, lanes, tops, rowsHeight: height + GAP },
    ...{ width: 0, height: 0, left: 0, scrolled: 0 },
    window: wholeWindow(data.span),
    ...{ selected: undefined, hovered: undefined, colorBy: "name" },
  };
}

/** Pixels per hundredth of a millisecond. */
export function scaleOf({ window, width, left }: Scene): number {
  return Math.max(1, width - left) / (window.to - window.from);
}

/** The horizontal position of a time. */
export function xOf(scene: Scene, time: number): number {
  return scene.left + (time - scene.window.from) * scaleOf(scene);
}

/** The time at a horizontal position. */
export function timeAt(scene: Scene, x: number): number {
  return scene.window.from + (x - scene.left) / scaleOf(scene);
}

/** The vertical position of a lane on the canvas. */
export function yOf({ tops, scrolled }: Scene, lane: number): number {
  return HEAD + (tops[lane] ?? 0) - scrolled;
}

/** The position in `lanes` of the lane that holds a run. */
export function laneOf({ lanes }: Scene, run: number): number {
  return lanes.findIndex(({ from, to }) => run >= from && run < to);
}
