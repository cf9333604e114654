import { darkPage, escaped, lightPage, round, text } from "../svg.ts";
import { cpuSpread, FLAT, FLAT_FROM, type FlatResults, rateSpread } from "./flat-results.ts";

const WIDTH = 860;
const HEIGHT = 300;
const TOP = 78;
const BOTTOM = HEIGHT - 66;
/** Left edge and width of the two plots. */
const PLOTS = [
  { left: 64, width: 330 },
  { left: 494, width: 330 },
] as const;

interface Dot {
  x: number;
  y: number;
  min: number;
  max: number;
}

/** One diagram: a line of medians with the range of each point, and a band that shows what counts as flat. */
interface Panel {
  title: string;
  xName: string;
  /** The y axis ends here. */
  top: number;
  band: { low: number; high: number; from: number; to: number } | undefined;
  dots: readonly Dot[];
  other: readonly Dot[];
}

/** Draws as SVG the CPU time per task by engines, and the rate by tasks. */
export function flatChart(results: FlatResults): string {
  const { date, machine, byEngines, byTasks, piscina } = results;
  const cpu = byEngines.map(({ engines, cpuMsPerTask, runs }) =>
    dot(
      engines,
      cpuMsPerTask * 1000,
      runs.map((run) => run.cpuMsPerTask * 1000),
    ),
  );
  const rates = byTasks.map(({ n, tasksPerS, runs }) =>
    dot(
      n,
      tasksPerS,
      runs.map((run) => run.tasksPerS),
    ),
  );
  const flatRates = rates.filter(({ x }) => x >= FLAT_FROM);
  const panels: Panel[] = [
    {
      title: `CPU time a task, µs (largest: ${times(cpuSpread(results))} the smallest)`,
      xName: `engines, ${(byEngines[0]?.n ?? 0).toLocaleString("en")} no-ops`,
      top: niceTop([...cpu.map(({ max }) => max), FLAT * least(cpu)]),
      band: bandOf(cpu, least(cpu)),
      dots: cpu,
      other: [],
    },
    {
      title: `no-ops a second (from 10⁴ on, best: ${times(rateSpread(results))} the worst)`,
      xName: `tasks of the map, ${byTasks[0]?.engines ?? 0} engines; dashed: piscina`,
      top: niceTop([...rates.map(({ max }) => max), ...piscina.map(({ tasksPerS }) => tasksPerS)]),
      band: bandOf(flatRates, Math.max(...flatRates.map(({ y }) => y)) / FLAT),
      dots: rates,
      other: piscina.map(({ n, tasksPerS, runs }) => dot(n, tasksPerS, runs)),
    },
  ];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-labelledby="title">`,
    '<title id="title">CPU time a task by number of engines, and tasks a second by size of the map</title>',
    style(),
    `<rect class="page" width="${WIDTH}" height="${HEIGHT}"/>`,
    text(16, 28, "heading", "What a task costs on more engines, and in larger maps"),
    ...panels.map((panel, at) => plot(panel, PLOTS[at === 0 ? 0 : 1])),
    text(
      16,
      HEIGHT - 12,
      "small",
      `${date.slice(0, 10)}, ${machine.cpu}, ${machine.cores} cores, load before the run ${short(machine.loadBefore)}; medians, bars: range; band: within ${FLAT} times the best`,
    ),
    "</svg>",
    "",
  ].join("\n");
}

function plot({ title, xName, top, band, dots, other }: Panel, { left, width }: (typeof PLOTS)[number]): string {
  const logs = [...dots, ...other].map(({ x }) => Math.log2(x));
  const [low, high] = [Math.min(...logs), Math.max(...logs)];
  const inset = 16;
  const xOf = (x: number) =>
    round(left + inset + ((Math.log2(x) - low) / Math.max(high - low, 1e-9)) * (width - 2 * inset));
  const yOf = (y: number) => round(BOTTOM - (y / top) * (BOTTOM - TOP));
  const grid = [0, 0.25, 0.5, 0.75, 1].map((part) => {
    const y = yOf(part * top);
    const line = `<line class="grid" x1="${left}" y1="${y}" x2="${left + width}" y2="${y}"/>`;
    return `${line}${text(left - 8, y + 4, "value", short(part * top))}`;
  });
  const shade = band
    ? `<rect class="band" x="${xOf(band.from) - 8}" y="${yOf(band.high)}" width="${round(xOf(band.to) - xOf(band.from) + 16)}" height="${round(yOf(band.low) - yOf(band.high))}"/>`
    : "";
  return [
    text(left - 48, TOP - 20, "title", title),
    shade,
    ...grid,
    ...dots.map(({ x }) => text(xOf(x), BOTTOM + 18, "tick", short(x))),
    text(left + width / 2, BOTTOM + 36, "tick", xName),
    lineOf(other, "other", xOf, yOf),
    lineOf(dots, "own", xOf, yOf),
    ...dots.map((one) => mark(one, xOf(one.x), yOf)),
  ].join("\n");
}

function lineOf(dots: readonly Dot[], kind: string, xOf: (x: number) => number, yOf: (y: number) => number): string {
  if (dots.length === 0) return "";
  return `<polyline class="${kind}" points="${dots.map(({ x, y }) => `${xOf(x)},${yOf(y)}`).join(" ")}"/>`;
}

function mark({ x, y, min, max }: Dot, at: number, yOf: (y: number) => number): string {
  const tip = `<title>${escaped(`${short(x)}: ${short(y)}`)}</title>`;
  const range = `<line class="range" x1="${at}" y1="${yOf(min)}" x2="${at}" y2="${yOf(max)}"/>`;
  return `<g>${tip}${range}<circle class="dot" cx="${at}" cy="${yOf(y)}" r="4"/>${text(at, yOf(max) - 8, "tick", short(y))}</g>`;
}

function dot(x: number, y: number, runs: readonly number[]): Dot {
  return { x, y, min: Math.min(...runs), max: Math.max(...runs) };
}

function bandOf(dots: readonly Dot[], low: number): Panel["band"] {
  if (dots.length === 0) return undefined;
  const xs = dots.map(({ x }) => x);
  return { low, high: low * FLAT, from: Math.min(...xs), to: Math.max(...xs) };
}

function least(dots: readonly Dot[]): number {
  return dots.length === 0 ? 0 : Math.min(...dots.map(({ y }) => y));
}

/** Returns the end of an axis: a round number with some room above the values. */
function niceTop(values: readonly number[]): number {
  const most = 1.15 * Math.max(...values, 1);
  const power = 10 ** Math.floor(Math.log10(most));
  return ([1, 1.2, 1.6, 2, 3, 4, 6, 8, 10].find((factor) => factor * power >= most) ?? 10) * power;
}

/** Writes a number in at most four characters, or with k or M for thousands and millions. */
function short(value: number): string {
  if (value >= 1e6) return `${Number((value / 1e6).toPrecision(3))}M`;
  if (value >= 1000) return `${Number((value / 1000).toPrecision(3))}k`;
  return String(Number(value.toPrecision(3)));
}

function times(factor: number): string {
  return Number.isFinite(factor) ? `${factor.toFixed(2)} ×` : "?";
}

function style(): string {
  return [
    "<style>",
    `${lightPage()}.title{font-weight:600}.value{text-anchor:end}.band{fill:#1a7f37;opacity:.15}`,
    ".own,.range{stroke:#0550ae;stroke-width:2;fill:none}.range{opacity:.5}.dot{fill:#0550ae}",
    ".other{stroke:#1a7f37;stroke-width:2;stroke-dasharray:5 4;fill:none}",
    `@media (prefers-color-scheme:dark){${darkPage()}.band{fill:#7ee787;opacity:.2}`,
    ".own,.range{stroke:#79c0ff}.dot{fill:#79c0ff}.other{stroke:#7ee787}}",
    "</style>",
  ].join("\n");
}
