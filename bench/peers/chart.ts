import { darkPage, escaped, lightPage, polygon, round, text } from "../svg.ts";
import type { Results } from "./results.ts";

/**
 * The peers, each with its own shape and colors. Each color is readable on the background of its mode, light or dark.
 */
const PEERS: readonly { name: string; light: string; dark: string; shape: (x: number, y: number) => string }[] = [
  { name: "ipyparallel", light: "#0550ae", dark: "#79c0ff", shape: (x, y) => `<circle cx="${x}" cy="${y}" r="5"/>` },
  {
    name: "dask",
    light: "#bc4c00",
    dark: "#ffa657",
    shape: (x, y) => `<rect x="${round(x - 4.5)}" y="${y - 4.5}" width="9" height="9"/>`,
  },
  { name: "bullmq", light: "#a40e26", dark: "#ff7b72", shape: (x, y) => polygon(x, y, [0, -6, 6, 5, -6, 5]) },
  { name: "restate", light: "#8250df", dark: "#d2a8ff", shape: (x, y) => polygon(x, y, [0, -6, 6, 0, 0, 6, -6, 0]) },
  { name: "piscina", light: "#1a7f37", dark: "#7ee787", shape: (x, y) => polygon(x, y, [0, 6, 6, -5, -6, -5]) },
];

const WIDTH = 860;
const LEFT = 240;
const RIGHT = 24;
const TOP = 96;
const ROW = 26;
const FOOT = 44;

/**
 * Draws as SVG how many times better fantail is than each peer: a row per figure, a mark per peer at the ratio of
 * medians, and a line from the smallest to the largest ratio of a repetition. The scale is logarithmic.
 */
export function chart({ metrics, date, machine, repetitions, versions }: Results): string {
  const rows = metrics.filter(({ ratios }) => Object.keys(ratios).length > 0);
  const height = TOP + rows.length * ROW + FOOT;
  const all = rows.flatMap(({ ratios }) => Object.values(ratios).flatMap(({ min, max }) => [min, max]));
  const [low, high] = decades(all);
  const xOf = (ratio: number) => round(LEFT + ((Math.log10(ratio) - low) / (high - low)) * (WIDTH - LEFT - RIGHT));
  const ticks = Array.from({ length: high - low + 1 }, (_, at) => low + at);
  const bottom = TOP + rows.length * ROW;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="title">`,
    `<title id="title">How many times better fantail is than its peers, by workload</title>`,
    style(),
    `<rect class="page" width="${WIDTH}" height="${height}"/>`,
    text(16, 28, "heading", "fantail against its peers: right of 1, fantail is the better one"),
    legend(versions),
    ...ticks.map((power) => tick(xOf(10 ** power), power, bottom)),
    ...rows.flatMap(({ title, ratios }, at) => {
      const y = TOP + at * ROW + ROW / 2;
      return [text(LEFT - 12, y + 4, "label", title), ...PEERS.map(({ name }) => mark(name, ratios[name], y, xOf))];
    }),
    text(
      16,
      height - 14,
      "small",
      `${date.slice(0, 10)}, ${machine.cpu}, ${machine.cores} cores, ${repetitions} repetitions; ratio of medians, line: range`,
    ),
    "</svg>",
    "",
  ]
    .filter((line) => line !== undefined)
    .join("\n");
}

/** Returns the exponents of the powers of ten that enclose all ratios. The range includes at least 0.1 to 10. */
function decades(ratios: readonly number[]): [number, number] {
  const powers = ratios.filter((ratio) => ratio > 0 && Number.isFinite(ratio)).map(Math.log10);
  return [Math.floor(Math.min(-1, ...powers)), Math.ceil(Math.max(1, ...powers))];
}

function mark(
  name: string,
  ratio: { ofMedians: number; min: number; max: number } | undefined,
  y: number,
  xOf: (ratio: number) => number,
): string {
  const peer = PEERS.find((one) => one.name === name);
  if (!peer || !ratio || !(ratio.min > 0) || !Number.isFinite(ratio.max)) return "";
  const line = `<line class="range" x1="${xOf(ratio.min)}" y1="${y}" x2="${xOf(ratio.max)}" y2="${y}"/>`;
  const tip = `<title>${escaped(name)}: ${Number(ratio.ofMedians.toPrecision(3))} times</title>`;
  return `<g class="${name}">${tip}${line}${peer.shape(xOf(ratio.ofMedians), y)}</g>`;
}

function tick(x: number, power: number, bottom: number): string {
  const label = power < 0 ? `1/${10 ** -power}` : String(10 ** power);
  const line = `<line class="${power === 0 ? "one" : "grid"}" x1="${x}" y1="${TOP}" x2="${x}" y2="${bottom}"/>`;
  return `${line}${text(x, TOP - 8, "tick", label)}`;
}

function legend(versions: Results["versions"]): string {
  return PEERS.map(({ name, shape }, at) => {
    const x = 24 + at * 165;
    return `<g class="${name}">${shape(x, 54)}</g>${text(x + 12, 58, "small", `${name} ${versions[name] ?? ""}`.trim())}`;
  }).join("\n");
}

function style(): string {
  const colors = (theme: "light" | "dark") =>
    PEERS.map((peer) => `.${peer.name}{fill:${peer[theme]};stroke:${peer[theme]}}`).join("");
  return [
    "<style>",
    `${lightPage()}.label{text-anchor:end}.one{stroke:#59636e;stroke-width:2}.range{stroke-width:2;opacity:.5}`,
    colors("light"),
    `@media (prefers-color-scheme:dark){${darkPage()}.one{stroke:#9198a1}`,
    `${colors("dark")}}`,
    "</style>",
  ].join("\n");
}
