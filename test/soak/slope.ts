import { median } from "../../bench/median.ts";
import { seededUniform } from "../../client/local/latency/seeded-uniform.ts";

/** One sample: when it was taken, in seconds, and its value. */
export type Sample = readonly [at: number, value: number];

/** What a series does over time. */
export interface Trend {
  /** Change per hour, with its confidence interval of 95 %. */
  perHour: number;
  low: number;
  high: number;
  /** Growth over the measured time, by the lower end of the interval. */
  growth: number;
  /** Median of the series. */
  level: number;
  verdict: "flat" | "growing" | "too short";
}

/** How much growth is material: at least `least`, and at least `part` of the series' level. */
export interface Material {
  least: number;
  part: number;
}

/** Part of the time, at the beginning, that is left out: processes start, compile and fill their caches. */
const WARM_UP = 0.3;
/** Number of blocks into which the rest is divided. Each is replaced by its median, which removes most of the noise. */
const BLOCKS = 24;
const MIN_BLOCKS = 8;
/** Shortest time after the warm-up that is judged, in seconds: in a shorter one, caches and pools are still filling. */
const MIN_S = 300;
/** Residuals of consecutive blocks are drawn together, because they may depend on each other. */
const DRAWN_BLOCKS = 3;
const DRAWS = 400;
const HOUR_S = 3600;

/**
 * Judges whether a series grows: its slope by Theil and Sen over medians of blocks, with a confidence interval by a block
 * bootstrap of the residuals. It grows if the interval lies above zero, the growth is material, and both halves grow: a
 * single step is no leak.
 */
export function trendOf(samples: readonly Sample[], material: Material): Trend {
  const blocks = blocksOf(afterWarmUp(samples));
  const level = median(blocks.map(([, value]) => value));
  const seconds = (blocks.at(-1)?.[0] ?? 0) - (blocks[0]?.[0] ?? 0);
  if (blocks.length < MIN_BLOCKS || seconds < MIN_S)
    return { perHour: Number.NaN, low: Number.NaN, high: Number.NaN, growth: 0, level, verdict: "too short" };
  const slope = theilSen(blocks);
  const slopes = bootstrapped(blocks, slope);
  const low = slopes[Math.floor(DRAWS * 0.025)] ?? slope;
  const high = slopes[Math.ceil(DRAWS * 0.975) - 1] ?? slope;
  const growth = Math.max(0, low) * seconds;
  const half = Math.floor(blocks.length / 2);
  const isSteady = [blocks.slice(0, half), blocks.slice(-half)].every((part) => theilSen(part) > slope / 4);
  const isMaterial = growth >= Math.max(material.least, material.part * Math.abs(level));
  const verdict = low > 0 && isMaterial && isSteady ? "growing" : "flat";
  return { perHour: slope * HOUR_S, low: low * HOUR_S, high: high * HOUR_S, growth, level, verdict };
}

function afterWarmUp(samples: readonly Sample[]): readonly Sample[] {
  const [first, last] = [samples[0]?.[0] ?? 0, samples.at(-1)?.[0] ?? 0];
  return samples.filter(([at]) => at >= first + (last - first) * WARM_UP);
}

function blocksOf(samples: readonly Sample[]): Sample[] {
  const count = Math.min(BLOCKS, samples.length);
  return Array.from({ length: count }, (_, block) => {
    const part = samples.slice(
      Math.floor((block * samples.length) / count),
      Math.floor(((block + 1) * samples.length) / count),
    );
    return [median(part.map(([at]) => at)), median(part.map(([, value]) => value))];
  });
}

/** The median of the slopes of all pairs. */
function theilSen(samples: readonly Sample[]): number {
  const slopes: number[] = [];
  for (const [at, [x, y]] of samples.entries())
    for (const [later, value] of samples.slice(at + 1)) if (later > x) slopes.push((value - y) / (later - x));
  return median(slopes);
}

/** Slopes of series with the same line and redrawn residuals, in ascending order. */
function bootstrapped(blocks: readonly Sample[], slope: number): number[] {
  const chance = seededUniform(1);
  const base = median(blocks.map(([at, value]) => value - slope * at));
  const residuals = blocks.map(([at, value]) => value - slope * at - base);
  const slopes = Array.from({ length: DRAWS }, () => {
    let from = 0;
    const redrawn = blocks.map(([at], index): Sample => {
      if (index % DRAWN_BLOCKS === 0) from = Math.floor(chance() * residuals.length);
      const residual = residuals[(from + (index % DRAWN_BLOCKS)) % residuals.length] ?? 0;
      return [at, base + slope * at + residual];
    });
    return theilSen(redrawn);
  });
  return slopes.sort((a, b) => a - b);
}
