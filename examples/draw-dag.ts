import type { Dag } from "./random-dag.ts";

/** When and where a node ran, in milliseconds since the first node began. */
export interface NodeRun {
  start: number;
  end: number;
  engine: number;
}

const WIDTH = 1400;
const LEFT = 70;
const TOP = 60;
const LANE = 16;
const GAP = 26;
const COLORS = ["#4477aa", "#ee6677", "#228833", "#ccbb44", "#66ccee", "#aa3377", "#ee8866", "#44bb99"];

/**
 * Draws, as SVG, a graph that has run: one row per layer with a lane per engine, one bar per task from start to end, one
 * line per edge. A line that leans to the left would mean that a task did not wait for its parent.
 */
export function drawDag(dag: Dag, runs: ReadonlyMap<string, NodeRun>): string {
  const engines = [...new Set([...runs.values()].map(({ engine }) => engine))].sort((a, b) => a - b);
  const color = (engine: number) => COLORS[engines.indexOf(engine) % COLORS.length];
  const last = Math.max(1, ...[...runs.values()].map(({ end }) => end));
  const x = (ms: number) => round(LEFT + (ms / last) * (WIDTH - LEFT - 20));
  const row = engines.length * LANE + GAP;
  const layers = 1 + Math.max(0, ...dag.mapNodes((_, { layer }) => layer));
  const y = (layer: number, engine: number) => TOP + layer * row + engines.indexOf(engine) * LANE;
  const height = TOP + layers * row + 20;

  const shapes: string[] = [];
  for (let layer = 0; layer < layers; layer++) {
    const top = TOP + layer * row;
    shapes.push(
      `<rect x="${LEFT}" y="${top - 3}" width="${WIDTH - LEFT - 20}" height="${row - GAP + 6}" fill="#f4f4f4"/>`,
    );
    shapes.push(text(8, top + (row - GAP) / 2 + 4, `layer ${layer}`));
  }
  const step = niceStep(last / 10);
  for (let ms = 0; ms <= last; ms += step) {
    shapes.push(`<line x1="${x(ms)}" y1="${TOP - 8}" x2="${x(ms)}" y2="${height - 16}" stroke="#dddddd"/>`);
    shapes.push(text(x(ms) + 3, TOP - 12, `${ms} ms`));
  }
  dag.forEachEdge((_edge, _attributes, parent, child, { layer: above }, { layer: below }) => {
    const [from, to] = [runs.get(parent), runs.get(child)];
    if (!from || !to) return;
    const [x1, y1] = [x(from.end), y(above, from.engine) + LANE / 2];
    const [x2, y2] = [x(to.start), y(below, to.engine) + LANE / 2];
    const stroke = to.start < from.end ? "#ff0000" : "#888888";
    shapes.push(`<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="${stroke}" stroke-opacity="0.6"/>`);
  });
  dag.forEachNode((node, { layer }) => {
    const run = runs.get(node);
    if (!run) return;
    const [left, top] = [x(run.start), y(layer, run.engine)];
    const wide = Math.max(3, round(x(run.end) - left));
    shapes.push(`<g><title>node ${node}: ${round(run.start)} to ${round(run.end)} ms on engine ${run.engine}</title>`);
    shapes.push(
      `<rect x="${left}" y="${top + 1}" width="${wide}" height="${LANE - 2}" rx="2" fill="${color(run.engine)}"/>`,
    );
    if (wide > 18) shapes.push(text(left + 3, top + 12, node, "#ffffff"));
    shapes.push("</g>");
  });
  for (const [at, engine] of engines.entries()) {
    shapes.push(`<rect x="${LEFT + at * 110}" y="12" width="14" height="14" rx="2" fill="${color(engine)}"/>`);
    shapes.push(text(LEFT + at * 110 + 20, 23, `engine ${engine}`));
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="11">`,
    `<rect width="100%" height="100%" fill="#ffffff"/>`,
    ...shapes,
    "</svg>\n",
  ].join("\n");
}

function text(x: number, y: number, content: string, fill = "#333333"): string {
  return `<text x="${round(x)}" y="${round(y)}" fill="${fill}">${content}</text>`;
}

/** Returns a round number that is at least `least`: 1, 2 or 5 times a power of ten. */
function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, least)));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= least) ?? 10 * power;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
