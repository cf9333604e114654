import type { TimelineColumns, TimelineData } from "./timeline-data.ts";

/** The runs of one lane: `from` and `to`, exclusive, are positions in the columns. */
export interface Lane {
  row: number;
  lane: number;
  from: number;
  to: number;
}

/** Finds the runs of every lane, in order. A lane without runs is listed too. */
export function lanesOf({ rows, columns }: TimelineData): Lane[] {
  let next = 0;
  return rows.flatMap(({ lanes }, row) =>
    Array.from({ length: lanes }, (_, lane): Lane => {
      const from = next;
      while (columns.row[next] === row && columns.lane[next] === lane) next++;
      return { row, lane, from, to: next };
    }),
  );
}

/** Returns the first run of a lane that starts at a time or later; the lane's end if there is none. */
export function firstFrom({ start }: Pick<TimelineColumns, "start">, lane: Lane, time: number): number {
  let [low, high] = [lane.from, lane.to];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((start[middle] ?? 0) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Returns the run of a lane that is nearest to a time, if it is at most `reach` away. At equal distances a mark is
 * preferred to a run, because it is drawn on top.
 */
export function runNear(columns: TimelineColumns, lane: Lane, time: number, reach: number): number | undefined {
  const after = firstFrom(columns, lane, time - reach);
  const past = firstFrom(columns, lane, time + reach + 0.5);
  // Runs of a lane do not overlap, but marks may lie between one run's start and its end.
  let before = after - 1;
  while (before > lane.from && columns.kind[before] !== 0) before--;
  let best: number | undefined;
  let least = reach;
  for (let run = Math.max(lane.from, before); run < past; run++) {
    const start = columns.start[run] ?? 0;
    const distance = Math.max(0, start - time, time - start - (columns.ran[run] ?? 0));
    const isBetter = distance < least || (distance === least && (best === undefined || columns.kind[run] !== 0));
    if (isBetter) [best, least] = [run, distance];
  }
  return best;
}
