import { describe, expect, it } from "vitest";
import { seededUniform } from "../../client/local/latency/seeded-uniform.ts";
import { type Sample, trendOf } from "./slope.ts";

const MATERIAL = { least: 3, part: 0.02 };
const HOUR_S = 3600;
const EVERY_S = 5;

function series(valueAt: (second: number, chance: () => number) => number, seed = 7, seconds = HOUR_S): Sample[] {
  const chance = seededUniform(seed);
  return Array.from({ length: seconds / EVERY_S }, (_, at) => [at * EVERY_S, valueAt(at * EVERY_S, chance)]);
}

/** The sawtooth of a garbage collector, with noise. */
const sawtooth = (second: number, chance: () => number) => 100 + (second % 70) / 3 + 8 * chance();
const seeds = Array.from({ length: 20 }, (_, seed) => seed + 1);

describe("the trend of a series", () => {
  it("a constant is flat", () => {
    expect(
      trendOf(
        series(() => 42),
        MATERIAL,
      ),
    ).toMatchObject({ verdict: "flat", perHour: 0, level: 42 });
  });

  it("noise and the sawtooth of a garbage collector are flat, whatever the seed", () => {
    for (const seed of seeds) expect(trendOf(series(sawtooth, seed), MATERIAL).verdict).toBe("flat");
  });

  it("a leak of a fifth an hour is growing beneath such noise, and its slope is within the interval", () => {
    for (const seed of seeds) {
      const leak = series((second, chance) => sawtooth(second, chance) + (20 * second) / HOUR_S, seed);
      const { verdict, low, high } = trendOf(leak, MATERIAL);
      expect(verdict).toBe("growing");
      expect(low).toBeLessThan(20.5);
      expect(high).toBeGreaterThan(19.5);
    }
  });

  it("growth during the warm-up does not count", () => {
    const warmed = series((second, chance) => sawtooth(second, chance) + 60 * Math.min(1, second / 900));
    expect(trendOf(warmed, MATERIAL).verdict).toBe("flat");
  });

  it("one step is flat, and a stair is growing", () => {
    const step = series((second, chance) => sawtooth(second, chance) + (second > 2300 ? 30 : 0));
    expect(trendOf(step, MATERIAL).verdict).toBe("flat");
    const stair = series((second, chance) => sawtooth(second, chance) + 5 * Math.floor(second / 300));
    expect(trendOf(stair, MATERIAL).verdict).toBe("growing");
  });

  it("a single outlier changes nothing", () => {
    const spike = series((second, chance) => (second === 3500 ? 5000 : sawtooth(second, chance)));
    expect(trendOf(spike, MATERIAL).verdict).toBe("flat");
  });

  it("growth that is certain but immaterial is flat", () => {
    const slow = series((second) => 100 + second / HOUR_S);
    const { verdict, low } = trendOf(slow, MATERIAL);
    expect([verdict, low > 0]).toEqual(["flat", true]);
  });

  it("a few samples or minutes are too short for a verdict", () => {
    for (const seconds of [40, 300]) expect(trendOf(series(sawtooth, 1, seconds), MATERIAL).verdict).toBe("too short");
  });
});
