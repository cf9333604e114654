import type { RecordedCall } from "../client/local/requests/call-log.ts";
import { criticalPath, type Span, type Step } from "./critical-path.ts";
import { median } from "./median.ts";

/** How many calls the results of a workload needed, and how long these calls took. */
export interface CallFigures {
  figures: { metric: string; value: number; unit: string }[];
  /** The most frequent critical path, as lines to print. */
  trace: string[];
}

/**
 * Computes the figures of a workload from its calls.
 *
 * @param spans the time from each submission to its result
 */
export function callFigures(calls: readonly RecordedCall[], spans: readonly Span[]): CallFigures {
  const paths = spans.map((span) => ({ span, steps: criticalPath(calls, span) }));
  const inAll = calls.filter(({ start }) => spans.some(({ from, to }) => start >= from && start < to)).length;
  return {
    figures: [
      { metric: "calls", value: inAll / spans.length, unit: "calls" },
      { metric: "calls_in_sequence", value: median(paths.map(({ steps }) => steps.length)), unit: "calls" },
      { metric: "sequence_in_calls", value: median(paths.map(({ steps }) => timeInCalls(steps))), unit: "ms" },
      { metric: "sequence_modeled", value: median(paths.map(({ steps }) => timeModeled(steps))), unit: "ms" },
      { metric: "sequence_in_all", value: median(spans.map(({ from, to }) => to - from)), unit: "ms" },
    ],
    trace: traceOf(paths),
  };
}

interface Path {
  span: Span;
  steps: Step[];
}

/** Returns the time during which at least one step was in progress, in milliseconds. */
function timeInCalls(steps: readonly Step[]): number {
  let [time, past] = [0, 0];
  for (const { from, to } of steps) {
    time += Math.max(0, to - Math.max(from, past));
    past = Math.max(past, to);
  }
  return time;
}

/**
 * Returns how long the latency model waited in these steps, in milliseconds. This does not depend on the machine's
 * load.
 */
function timeModeled(steps: readonly Step[]): number {
  return steps.reduce((sum, { modeledMs }) => sum + modeledMs, 0);
}

function traceOf(paths: readonly Path[]): string[] {
  const groups = new Map<string, Path[]>();
  for (const path of paths) {
    const name = path.steps.map(({ call }) => nameOf(call)).join("\n");
    groups.set(name, [...(groups.get(name) ?? []), path]);
  }
  const [names, alike] = [...groups].sort(([, one], [, other]) => other.length - one.length)[0] ?? ["", []];
  const lines = [
    `${alike.length} of ${paths.length} results took this path; medians in ms`,
    row("pause", "call", "model", ""),
  ];
  for (const [at, name] of names.split("\n").entries()) {
    const pauses = alike.map(({ span, steps }) => (steps[at]?.from ?? 0) - (steps[at - 1]?.to ?? span.from));
    const lasted = alike.map(({ steps }) => (steps[at]?.to ?? 0) - (steps[at]?.from ?? 0));
    const modeled = alike.map(({ steps }) => steps[at]?.modeledMs ?? 0);
    lines.push(row(median(pauses).toFixed(1), median(lasted).toFixed(1), median(modeled).toFixed(0), name));
  }
  const rest = alike.map(({ span, steps }) => span.to - (steps.at(-1)?.to ?? span.from));
  return [...lines, row(median(rest).toFixed(1), "", "", "the result")];
}

function row(pause: string, lasted: string, modeled: string, name: string): string {
  return `  ${pause.padStart(8)} ${lasted.padStart(8)} ${modeled.padStart(8)}  ${name}`;
}

function nameOf({ by, operation, target, partitions = [] }: RecordedCall): string {
  const what = partitions
    .map((partition) => partition.replace(/#.*/, ""))
    .filter((one, at, all) => all.indexOf(one) === at);
  return [by, "→", operation, target, what.join("+")].filter((part) => part !== undefined && part !== "").join(" ");
}
