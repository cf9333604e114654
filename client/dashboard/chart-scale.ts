import type { Sample } from "./live-data.ts";

/** A point of a line, in pixels; null where the line has a gap. */
export type Point = readonly [x: number, y: number] | null;

/** The size of a chart's drawing area, and the time that it covers. */
export interface ChartArea {
  width: number;
  height: number;
  from: number;
  to: number;
}

/** Readings further apart than this, in milliseconds, have a gap between them: no page was open. */
const GAP_MS = 15_000;

/** The smallest of 1, 2, 5, 10, 20, … that is not below any of the values. */
export function roundTop(values: Iterable<number>): number {
  let most = 1;
  for (const value of values) most = Math.max(most, value);
  const power = 10 ** Math.floor(Math.log10(most));
  return [1, 2, 5, 10].map((one) => one * power).find((one) => one >= most) ?? power * 10;
}

/** The points of a line through the samples, with the value 0 at the bottom and `top` at the top. */
export function linePoints(
  samples: readonly Sample[],
  value: (sample: Sample) => number | null,
  top: number,
  { width, height, from, to }: ChartArea,
): Point[] {
  const points: Point[] = [];
  let before = Number.NEGATIVE_INFINITY;
  for (const sample of samples) {
    if (sample.at < from) continue;
    if (sample.at - before > GAP_MS && points.length > 0) points.push(null);
    before = sample.at;
    const own = value(sample);
    if (own === null) continue;
    points.push([((sample.at - from) / (to - from)) * width, height - (Math.min(own, top) / top) * height]);
  }
  return points;
}
