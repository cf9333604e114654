import { expect, test } from "vitest";
import { type Engines, extrapolate, memoryCosts, type SampleUse } from "../../client/cost/extrapolate.ts";

const prices = { millionWriteUnits: 0.625, millionReadUnits: 0.125 };
const ONE: Engines = { count: 1, hwm: 1, prices };

function aSample(sample: Partial<SampleUse> = {}): SampleUse {
  const runs = Array.from({ length: 10 }, () => ({ ms: 100, usd: 2e-6 }));
  return { runs, tasks: 10, overheadUsd: 0, tablesUsd: 0, transferUsd: 0, ms: 1200, ...sample };
}

test("equal tasks cost as much each as in the sample, and leave no range", () => {
  const { usd, low, high, seconds } = extrapolate(aSample(), 1000, ONE);
  for (const one of [usd, low, high]) expect(one).toBeCloseTo(2e-3, 12);
  // At hwm 1 each task is a lease, with 20 ms of overhead.
  expect(seconds).toBeCloseTo(120, 9);
});

test("engines share the run time", () => {
  expect(extrapolate(aSample({ ms: 250 }), 1000, { ...ONE, count: 4 }).seconds).toBeCloseTo(25, 6);
});

test("overhead grows with the leases, which become longer, and transfer and large pages with the tasks", () => {
  const adaptive: Engines = { ...ONE, hwm: "adaptive" };
  const overhead = (sample: Partial<SampleUse>, engines: Engines) =>
    extrapolate(aSample(sample), 1000, engines).usd - 2e-3;
  expect(overhead({ overheadUsd: 1e-5 }, ONE)).toBeCloseTo(1e-3, 12);
  expect(overhead({ overheadUsd: 1e-5 }, adaptive)).toBeLessThan(3e-4);
  expect(overhead({ overheadUsd: 1e-5, transferUsd: 1e-5 }, adaptive)).toBeCloseTo(1e-3, 12);
  expect(overhead({ overheadUsd: 1e-3, tablesUsd: 1e-3 }, adaptive)).toBeGreaterThan(0.09);
});

test("the range is two standard errors of the run times, and a quarter of the rest", () => {
  const runs = [1, 3, 1, 3, 1, 3, 1, 3].map((units) => ({ ms: 100, usd: units * 1e-6 }));
  const { usd, low, high } = extrapolate(aSample({ runs, overheadUsd: 1e-5 }), 1000, ONE);
  expect(usd).toBeCloseTo(3e-3, 12);
  const spread = 2 * Math.sqrt((8 / 7 / 8) * (1 - 8 / 1000)) * 1e-3 + 0.25e-3;
  expect(high - usd).toBeCloseTo(spread, 9);
  expect(usd - low).toBeCloseTo(spread, 9);
});

test("one task says nothing about the others, and all tasks say everything", () => {
  const runs = [{ ms: 100, usd: 1e-6 }];
  expect(extrapolate(aSample({ runs, tasks: 1 }), 100, ONE)).toMatchObject({ low: 0, high: expect.closeTo(3e-4, 12) });
  const all = extrapolate(aSample({ runs, tasks: 1 }), 1, ONE);
  expect(all.high).toBe(all.low);
});

test("less memory is cheaper for tasks that wait, and as cheap for tasks that compute, as far as they fit", () => {
  const waiting = memoryCosts([{ ms: 1000, cpuMs: 0, usedMb: 60 }], 10, 1e-5);
  expect(waiting?.[0]).toEqual({ memoryMb: 128, meanMs: 1000, usd: expect.closeTo(10 * 0.125 * 1e-5, 12) });
  const computing = memoryCosts([{ ms: 1000, cpuMs: 1000, usedMb: 300 }], 10, 1e-5) ?? [];
  expect(computing.find(({ memoryMb }) => memoryMb === 1024)?.meanMs).toBeCloseTo((1000 * 1769) / 1024, 6);
  expect(computing.map(({ memoryMb }) => memoryMb)).not.toContain(256);
  expect(computing.at(-1)?.memoryMb).toBe(10_240);
});

test("memory sizes are not compared for tasks that use several CPUs, or were not measured", () => {
  expect(memoryCosts([{ ms: 1000, cpuMs: 2500, usedMb: 60 }], 10, 1e-5)).toBeUndefined();
  expect(memoryCosts([], 10, 1e-5)).toBeUndefined();
});
