import type { TimelineData } from "./timeline-data.ts";

/** How many tasks waited and how many ran from the time `at` until the time of the next element. */
export interface TaskCount {
  at: number;
  waiting: number;
  running: number;
}

/**
 * Counts the waiting and the running tasks over time.
 *
 * @param most maximum number of elements. If there are more, each group of consecutive ones is replaced by its largest
 *   counts
 */
export function taskCounts({ columns: { kind, queued, start, ran } }: TimelineData, most: number): TaskCount[] {
  const moves: [at: number, waiting: number, running: number][] = [];
  for (const [run, begin] of start.entries()) {
    moves.push([queued[run] ?? begin, 1, 0]);
    if (kind[run] === 0) moves.push([begin, -1, 1], [begin + (ran[run] ?? 0), 0, -1]);
    else moves.push([begin, -1, 0]);
  }
  moves.sort(([a], [b]) => a - b);
  const counts: TaskCount[] = [];
  let waiting = 0;
  let running = 0;
  for (const [at, moreWaiting, moreRunning] of moves) {
    waiting += moreWaiting;
    running += moreRunning;
    const last = counts.at(-1);
    if (last?.at === at) Object.assign(last, { waiting, running });
    else counts.push({ at, waiting, running });
  }
  return thinned(counts, most);
}

function thinned(counts: TaskCount[], most: number): TaskCount[] {
  if (counts.length <= most) return counts;
  const step = Math.ceil(counts.length / (most - 1));
  const kept: TaskCount[] = [];
  for (let from = 0; from < counts.length - 1; from += step) {
    const group = counts.slice(from, Math.min(from + step, counts.length - 1));
    const largest = (key: "waiting" | "running") => group.reduce((all, one) => Math.max(all, one[key]), 0);
    kept.push({ at: group[0]?.at ?? 0, waiting: largest("waiting"), running: largest("running") });
  }
  // Keep the last count, zero, as it is.
  return [...kept, ...counts.slice(-1)];
}
