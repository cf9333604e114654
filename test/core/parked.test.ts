import { expect, test } from "vitest";
import type { Lease } from "../../lambdas/core/lease.ts";
import { holdsTask, parkedLease, parkedLeases } from "../../lambdas/core/parked.ts";

function aLease(change: Partial<Lease> = {}): Lease {
  return {
    job: "A",
    ranges: [{ from: 2, to: 4, attempt: 1 }],
    hop: 3,
    queued: 5,
    queue: "any",
    priority: 0,
    ...change,
  };
}

test("a parked lease is split into one lease per task, at the same hop and attempt", () => {
  const lease = aLease({
    ranges: [
      { from: 2, to: 4, attempt: 1 },
      { from: 7, to: 8, attempt: 2 },
    ],
  });
  expect(parkedLeases(lease)).toEqual([
    aLease({ ranges: [{ from: 2, to: 3, attempt: 1 }] }),
    aLease({ ranges: [{ from: 3, to: 4, attempt: 1 }] }),
    aLease({ ranges: [{ from: 7, to: 8, attempt: 2 }] }),
  ]);
});

test("a parked task is found by its job and index", () => {
  const [two, three] = parkedLeases(aLease());
  const engine = { parked: [two, three].filter((lease) => lease !== undefined) };
  expect(parkedLease(engine, "A", 3)).toBe(three);
  expect(parkedLease(engine, "A", 4)).toBeUndefined();
  expect(parkedLease(engine, "B", 3)).toBeUndefined();
});

test.each<[string, number, boolean]>([
  ["A", 2, true],
  ["A", 5, false],
  ["B", 9, true],
  ["C", 0, false],
  ["D", 0, true],
])(
  "of an engine's leases, the running one and the parked ones count as held, and waiting ones do not: %s.%i",
  (job, index, isHeld) => {
    const waiting = aLease({ job: "C", ranges: [{ from: 0, to: 1, attempt: 1 }] });
    const parked = ["B", "D"].map((one) =>
      aLease({ job: one, ranges: [{ from: one === "B" ? 9 : 0, to: one === "B" ? 10 : 1, attempt: 1 }] }),
    );
    expect(holdsTask({ leases: [aLease(), waiting], parked }, job, index)).toBe(isHeld);
  },
);
