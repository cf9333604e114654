import { escaped } from "./markup.ts";
import { runDetails, statusOf } from "./run-details.ts";
import { COLD, PARKED, PHASES, phasesIn } from "./run-phases.ts";
import { axisTimes, shownTime } from "./shown-time.ts";
import { COLORS, colorOf, colorRules } from "./timeline-colors.ts";
import type { TimelineData } from "./timeline-data.ts";
import { summaryOf } from "./timeline-summary.ts";

const WIDTH = 1200;
const LEFT = 110;
const RIGHT = 16;
const TOP = 64;
const LANE = 16;
const GAP = 4;
const BLOCK = 12;
const LEGEND = 20;

const STYLE =
  "text{font:12px system-ui,sans-serif;fill:var(--text)}.h{font-size:16px;font-weight:600}.f{fill:var(--faint)}" +
  ".p{fill:var(--page)}.l{stroke:var(--line)}.r{fill:var(--idle)}.b{fill:var(--bad)}.q{fill:var(--faint)}" +
  ".d{stroke:var(--faint);stroke-width:2;stroke-dasharray:4 3}" +
  ".m{fill:var(--page);stroke:var(--bad);stroke-width:1.5}" +
  Array.from({ length: COLORS }, (_, at) => `.c${at}{fill:var(--c${at})}`).join("");

/** Draws a timeline as one picture, with a tooltip per run. */
export function timelineSvg(data: TimelineData): string {
  const { line, names } = summaryOf(data);
  const tops = rowTops(data);
  const bottom = TOP + tops.height;
  const legend = names.slice(0, COLORS);
  const phases = phaseLegend(data, bottom + 12 + LEGEND * legend.length);
  const height = bottom + 16 + LEGEND * (legend.length + phases.length);
  const scale = (WIDTH - LEFT - RIGHT) / Math.max(1, data.span);
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" role="img" aria-labelledby="t d">`,
    `<title id="t">Timeline</title><desc id="d">${escaped(line)}</desc><style>${colorRules("svg")}${STYLE}</style>`,
    `<rect class="p" width="${WIDTH}" height="${height}"/><text class="h" x="16" y="26">Timeline</text>`,
    `<text class="f" x="110" y="26">${escaped(line)}</text>`,
    ...axis(data.span, scale, bottom),
    ...data.rows.map(({ name, lanes }, row) => {
      const y = TOP + (tops.of[row] ?? 0);
      const box = `<rect class="r" x="${LEFT}" y="${y}" width="${WIDTH - LEFT - RIGHT}" height="${lanes * LANE}"/>`;
      return `<text x="16" y="${y + 12}">${escaped(cut(name))}</text>${box}`;
    }),
    ...blocks(data, scale, tops.of),
    ...legend.map(({ name, runs }, at) => {
      const y = bottom + 12 + at * LEGEND;
      const text =
        at === COLORS - 1 && names.length > COLORS ? `${names.length - at} others` : `${cut(name)} (${runs})`;
      return `<rect class="c${colorOf(at)}" x="${LEFT}" y="${y}" width="12" height="12"/><text x="${LEFT + 20}" y="${y + 10}">${escaped(text)}</text>`;
    }),
    ...phases,
    "</svg>",
  ];
  return `${parts.join("\n")}\n`;
}

function rowTops({ rows }: TimelineData): { of: number[]; height: number } {
  const of: number[] = [];
  let height = 0;
  for (const { lanes } of rows) {
    of.push(height);
    height += lanes * LANE + GAP;
  }
  return { of, height };
}

function axis(span: number, scale: number, bottom: number): string[] {
  return axisTimes(0, span, 8).map(({ at, label }) => {
    const x = round(LEFT + at * scale);
    const rule = `<path class="l" d="M${x} ${TOP - 8}V${bottom}"/>`;
    return `${rule}<text class="f" x="${x}" y="${TOP - 14}" text-anchor="middle">${label}</text>`;
  });
}

function blocks(data: TimelineData, scale: number, tops: readonly number[]): string[] {
  const { row, lane, kind, name, start, ran, reported } = data.columns;
  return start.map((begin, run) => {
    const x = round(LEFT + begin * scale);
    const y = TOP + (tops[row[run] ?? 0] ?? 0) + (lane[run] ?? 0) * LANE + 2;
    const title = `<title>${escaped(titleOf(data, run))}</title>`;
    if (kind[run] !== 0) return `<path class="m" d="M${x} ${y}l4 6-4 6-4-6z">${title}</path>`;
    const width = Math.max(0.6, round((ran[run] ?? 0) * scale));
    const tail = round((reported[run] ?? 0) * scale);
    const report = tail < 0.5 ? "" : `<path class="q" d="M${round(x + width)} ${y + 5}h${tail}v2h-${tail}z"/>`;
    const isOk = statusOf(data, run) === "ok";
    // A short failure is higher than other blocks, so that it is seen among them.
    const [above, high] = width > 6 ? [8, 4] : [-2, BLOCK + 4];
    const mark = isOk
      ? ""
      : `<rect class="b" x="${x}" y="${y + above}" width="${Math.max(1.5, width)}" height="${high}">${title}</rect>`;
    const class_ = `c${colorOf(name[run] ?? 0)}`;
    const phases = phasesIn(data.phases, run).flatMap(({ phase, from, lasted }) => {
      const length = round(lasted * scale);
      const about = `<title>${PHASES[phase]} ${shownTime(lasted)}</title>`;
      return length < 0.5 ? [] : [phaseShape(phase, round(LEFT + from * scale), length, y, about)];
    });
    return `${report}<rect class="${class_}" x="${x}" y="${y}" width="${width}" height="${BLOCK}">${title}</rect>${phases.join("")}${mark}`;
  });
}

/** Draws a phase as the page does. */
function phaseShape(phase: number, x: number, width: number, y: number, title = ""): string {
  const middle = y + BLOCK / 2;
  if (phase === COLD) return `<path class="d" d="M${x} ${middle}h${width}">${title}</path>`;
  const [class_, top, height] = phase === PARKED ? ["p", y + 2, BLOCK - 4] : ["q", middle - 2, 4];
  return `<rect class="${class_}" x="${x}" y="${top}" width="${width}" height="${height}">${title}</rect>`;
}

/** Draws the legend of the phases that occur. */
function phaseLegend({ phases }: TimelineData, top: number): string[] {
  const found = PHASES.flatMap((text, phase) => (phases.phase.includes(phase) ? [{ text, phase }] : []));
  return found.map(({ text, phase }, at) => {
    const y = top + at * LEGEND;
    const block = phase === PARKED ? `<rect class="q" x="${LEFT}" y="${y}" width="24" height="${BLOCK}"/>` : "";
    const shape = phaseShape(phase, phase === PARKED ? LEFT + 6 : LEFT, phase === PARKED ? 12 : 24, y);
    return `${block}${shape}<text x="${LEFT + 32}" y="${y + 10}">${text}</text>`;
  });
}

function titleOf(data: TimelineData, run: number): string {
  const shown = new Map(runDetails(data, run));
  const task = data.jobs.length === 1 ? `task ${data.columns.task[run]}` : `task ${shown.get("task")}`;
  const phases = PHASES.flatMap((phase) => (shown.has(phase) ? [`${phase} ${shown.get(phase)}`] : []));
  const parts = [shown.get("name"), task, shown.get("status"), shown.get("ran"), ...phases, shown.get("error")];
  return parts.filter((part) => part !== undefined && part !== "").join(", ");
}

function round(x: number): number {
  return Math.round(x * 10) / 10;
}

function cut(name: string): string {
  return name.length <= 60 ? name : `${name.slice(0, 59)}…`;
}
