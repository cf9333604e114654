/** Distances in pixels: between the tasks of a column, the columns of a level, and the levels. */
const ROW = 20;
const COLUMN = 26;
const LEVEL = 76;
const MARGIN = 24;
/** A level with more tasks gets several columns. */
const COLUMN_TASKS = 30;

/** Where the tasks of a graph are drawn, in pixels. */
export interface GraphLayout {
  x: number[];
  y: number[];
  width: number;
  height: number;
  levels: number;
}

/**
 * Places tasks from left to right, so that each is to the right of those that it waits for, and near them. Apart from
 * sorting, the time is proportional to the number of edges.
 *
 * @param edges pairs of a task and one that waits for it
 */
export function graphLayout(count: number, edges: readonly number[]): GraphLayout {
  const parents: number[][] = Array.from({ length: count }, () => []);
  for (let at = 0; at < edges.length; at += 2) parents[edges[at + 1] ?? 0]?.push(edges[at] ?? 0);
  const levels: number[][] = [];
  for (const [task, level] of levelsOf(count, edges).entries()) {
    levels[level] ??= [];
    levels[level].push(task);
  }
  const tallest = Math.min(COLUMN_TASKS, Math.max(1, ...levels.map((tasks) => tasks.length)));
  const [x, y] = [new Array<number>(count).fill(0), new Array<number>(count).fill(0)];
  let left = MARGIN;
  for (const tasks of levels) {
    const nearest = (task: number) => {
      const own = parents[task] ?? [];
      return own.reduce((sum, parent) => sum + (y[parent] ?? 0), 0) / Math.max(1, own.length);
    };
    const wanted = new Map(tasks.map((task) => [task, nearest(task)]));
    tasks.sort((a, b) => (wanted.get(a) ?? 0) - (wanted.get(b) ?? 0) || a - b);
    const columns = Math.ceil(tasks.length / COLUMN_TASKS);
    const rows = Math.ceil(tasks.length / columns);
    for (const [at, task] of tasks.entries()) {
      x[task] = left + (at % columns) * COLUMN;
      y[task] = MARGIN + ((tallest - rows) / 2 + Math.floor(at / columns)) * ROW;
    }
    left += (columns - 1) * COLUMN + LEVEL;
  }
  const width = left - LEVEL + MARGIN;
  return { x, y, width: Math.max(2 * MARGIN, width), height: 2 * MARGIN + (tallest - 1) * ROW, levels: levels.length };
}

/** The level of each task: one more than the highest of those that it waits for. */
function levelsOf(count: number, edges: readonly number[]): number[] {
  const children: number[][] = Array.from({ length: count }, () => []);
  const missing = new Array<number>(count).fill(0);
  for (let at = 0; at < edges.length; at += 2) {
    const [from = 0, to = 0] = [edges[at], edges[at + 1]];
    children[from]?.push(to);
    missing[to] = (missing[to] ?? 0) + 1;
  }
  const levels = new Array<number>(count).fill(0);
  const ready = [...missing.keys()].filter((task) => missing[task] === 0);
  for (const task of ready)
    for (const child of children[task] ?? []) {
      levels[child] = Math.max(levels[child] ?? 0, (levels[task] ?? 0) + 1);
      missing[child] = (missing[child] ?? 0) - 1;
      if (missing[child] === 0) ready.push(child);
    }
  return levels;
}
