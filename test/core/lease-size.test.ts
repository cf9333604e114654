import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  LEASE_AIM_MS,
  type LeaseMeasure,
  leaseAimMs,
  leaseSize,
  MAX_AIM_MS,
  mostTasks,
} from "../../lambdas/core/lease-size.ts";
import { LEASE_SPAN } from "../../lambdas/protocol/spec-page.ts";

function measure(change: Partial<LeaseMeasure> = {}): LeaseMeasure {
  return { meanMs: 1, reliable: 100, remaining: 100_000, engines: 4, waitingJobs: 1, specBytes: 100, ...change };
}

describe("the size of an adaptive lease", () => {
  const adaptive = (change: Partial<LeaseMeasure>) => leaseSize("adaptive", measure(change));

  test("the size of an adaptive lease is one for a function without a known mean", () => {
    expect(adaptive({ meanMs: undefined, reliable: undefined })).toBe(1);
  });

  test("the size of an adaptive lease fills the target time, given the mean duration", () => {
    expect(adaptive({ meanMs: 1, remaining: 4 * LEASE_AIM_MS })).toBe(LEASE_AIM_MS / 2);
    expect(adaptive({ meanMs: 1, remaining: 8 * LEASE_AIM_MS })).toBe(LEASE_AIM_MS);
    expect(adaptive({ meanMs: 10, remaining: (8 * LEASE_AIM_MS) / 10 })).toBe(LEASE_AIM_MS / 10);
    expect(adaptive({ meanMs: 1000 })).toBe(1);
  });

  test("the size of an adaptive lease fills a longer time if the job lasts longer and no other job waits", () => {
    const halfway = (LEASE_AIM_MS + MAX_AIM_MS) / 2;
    expect(adaptive({ meanMs: 10, remaining: (16 * halfway) / 10 })).toBe(halfway / 10);
    expect(adaptive({ meanMs: 10 })).toBe(MAX_AIM_MS / 10);
    expect(adaptive({ meanMs: 10, waitingJobs: 2 })).toBe(LEASE_AIM_MS / 20);
  });

  test("the size of an adaptive lease grows step by step: a mean of few tasks is a guess", () => {
    const sizes: number[] = [];
    for (let reliable = 1; sizes.length < 5; reliable = sizes.at(-1) ?? 1)
      sizes.push(adaptive({ meanMs: 0.1, reliable }));
    expect(sizes).toEqual([8, 64, 512, 1000, 1000]);
  });

  test("the size of an adaptive lease shrinks towards the end, so that no engine ends long after the others", () => {
    expect(adaptive({ meanMs: 10, remaining: 80 })).toBe(10);
    expect(adaptive({ meanMs: 60, remaining: 8 })).toBe(1);
    expect(adaptive({ meanMs: 20, remaining: 1 })).toBe(1);
  });

  test("the size of an adaptive lease is an engine's whole share of the rest, up to 50 ms", () => {
    expect(adaptive({ meanMs: 10, remaining: 20 })).toBe(5);
    expect(adaptive({ meanMs: 10, remaining: 32 })).toBe(5);
    expect(adaptive({ meanMs: 20, remaining: 8 })).toBe(2);
  });

  test("the size of an adaptive lease shrinks to no less than 20 ms, because a shorter lease costs more than it balances", () => {
    expect(adaptive({ remaining: 80 })).toBe(20);
    expect(adaptive({ meanMs: 0.1, remaining: 80 })).toBe(200);
    expect(adaptive({ meanMs: 0.1, remaining: 80, reliable: 1 })).toBe(8);
    expect(adaptive({ meanMs: 30, remaining: 80 })).toBe(10);
  });

  test("the size of an adaptive lease is a fair share when several jobs wait", () => {
    expect(adaptive({ waitingJobs: 4 })).toBe(LEASE_AIM_MS / 4);
  });
});

test("the engine's target is the time that the lease's tasks take, by their mean", () => {
  expect(leaseAimMs(50, 10)).toBe(500);
  expect(leaseAimMs(3, 10)).toBe(LEASE_AIM_MS);
  expect(leaseAimMs(900, 10)).toBe(MAX_AIM_MS);
  expect(leaseAimMs(900, undefined)).toBe(LEASE_AIM_MS);
});

test("a lease holds at least one task, and no more than fit its page, its answer and the limit for suspects", () => {
  const someMeasure = fc.record({
    meanMs: fc.option(fc.double({ min: 0, max: 1e6, noNaN: true }), { nil: undefined }),
    reliable: fc.option(fc.integer({ min: 1, max: 1000 }), { nil: undefined }),
    remaining: fc.integer({ min: 1, max: 10_000_000 }),
    engines: fc.integer({ min: 0, max: 2000 }),
    waitingJobs: fc.integer({ min: 0, max: 100 }),
    specBytes: fc.integer({ min: 0, max: 400_000 }),
    atMost: fc.option(fc.integer({ min: 1, max: 200 }), { nil: undefined }),
  });
  const hwm = fc.constantFrom<number | "adaptive">("adaptive", 0, 1, 3, 5000);
  fc.assert(
    fc.property(hwm, someMeasure, (hwm, one) => {
      const size = leaseSize(hwm, one);
      expect(Number.isInteger(size)).toBe(true);
      expect(size).toBeGreaterThanOrEqual(1);
      expect(size).toBeLessThanOrEqual(Math.min(LEASE_SPAN, one.atMost ?? LEASE_SPAN));
      if (size > 1) expect(size * one.specBytes).toBeLessThanOrEqual(3_500_000);
      if (typeof hwm === "number" && hwm > 0) expect(size).toBeLessThanOrEqual(hwm);
    }),
  );
});

test("hwm 0 cuts a job into blocks, and a few tasks into leases of one", () => {
  expect(leaseSize(0, measure({ remaining: 64, engines: 4 }))).toBe(1);
  expect(leaseSize(0, measure({ remaining: 6400, engines: 4 }))).toBe(100);
});

test("a lease holds at least one task, and no more than the answer has room for their specs", () => {
  expect(mostTasks(10)).toBe(1000);
  expect(mostTasks(70_000) * 70_000).toBeLessThan(4_000_000);
  expect(mostTasks(9_000_000)).toBe(1);
});
