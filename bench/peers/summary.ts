import { median } from "../median.ts";
import type { ComparedMetric, ComparedWorkload } from "./compared-workloads.ts";

/** The system with which the others are compared. */
export const OURS = "fantail";

/** The figures of one run. */
export interface Measurement {
  system: string;
  workload: string;
  repetition: number;
  figures: Readonly<Record<string, number>>;
}

/** Median and range of a figure over the repetitions. */
interface Spread {
  median: number;
  min: number;
  max: number;
}

/** How many times better fantail is than a peer. Above 1, fantail is the better one. */
interface Ratio {
  /** Ratio of the medians. */
  ofMedians: number;
  /** Smallest and largest ratio within one repetition. */
  min: number;
  max: number;
}

/** A compared figure of a workload. */
export interface MetricSummary extends ComparedMetric {
  workload: string;
  systems: Record<string, Spread & { values: number[] }>;
  ratios: Record<string, Ratio>;
}

/** Computes how many times better one figure is than another. */
export function timesBetter(own: number, other: number, better: ComparedMetric["better"]): number {
  return better === "higher" ? own / other : other / own;
}

/** Summarizes the compared figures of the workloads, in the order of the workloads. */
export function summarize(
  workloads: readonly ComparedWorkload[],
  measurements: readonly Measurement[],
): MetricSummary[] {
  return workloads.flatMap(({ name, metrics }) => {
    const own = measurements.filter(({ workload }) => workload === name);
    return metrics.map((metric) => summarizeMetric(name, metric, own));
  });
}

function summarizeMetric(workload: string, metric: ComparedMetric, measurements: Measurement[]): MetricSummary {
  const values = new Map<string, Map<number, number>>();
  for (const { system, repetition, figures } of measurements) {
    const value = figures[metric.metric];
    if (value !== undefined) values.set(system, (values.get(system) ?? new Map()).set(repetition, value));
  }
  const systems: MetricSummary["systems"] = {};
  const ratios: MetricSummary["ratios"] = {};
  const ours = values.get(OURS);
  for (const [system, byRepetition] of values) {
    const all = [...byRepetition.values()];
    systems[system] = { median: median(all), min: Math.min(...all), max: Math.max(...all), values: all };
    const ratio = ours && system !== OURS ? ratioOf(ours, byRepetition, metric.better) : undefined;
    if (ratio) ratios[system] = ratio;
  }
  return { workload, ...metric, systems, ratios };
}

function ratioOf(
  ours: ReadonlyMap<number, number>,
  theirs: ReadonlyMap<number, number>,
  better: ComparedMetric["better"],
): Ratio {
  const ofMedians = timesBetter(median([...ours.values()]), median([...theirs.values()]), better);
  const pairs = [...theirs].flatMap(([repetition, value]) => {
    const own = ours.get(repetition);
    return own === undefined ? [] : [timesBetter(own, value, better)];
  });
  return { ofMedians, min: Math.min(ofMedians, ...pairs), max: Math.max(ofMedians, ...pairs) };
}
