import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  abortSlices,
  aheadRange,
  heldRange,
  parseAbortRanges,
  splitAtCursor,
} from "../../lambdas/core/abort-ranges.ts";
import {
  type LeaseRange,
  leaseIndexRanges,
  leaseRangesWithin,
  leaseTasks,
  sliceRanges,
} from "../../lambdas/core/lease.ts";
import { fitLease } from "../../lambdas/core/placing/lease-span.ts";
import { cutLeases } from "../../lambdas/core/placing/push-work.ts";
import { reconcile } from "../../lambdas/core/reconcile.ts";
import {
  commonRanges,
  countIndexes,
  holdsIndex,
  type IndexRange,
  indexesOf,
  mergedRanges,
  rangesOf,
  withoutRanges,
} from "../../lambdas/protocol/index-ranges.ts";
import type { Entry, OutcomePage } from "../../lambdas/protocol/outcome-page.ts";
import { BUCKET_TASKS, LEASE_SPAN } from "../../lambdas/protocol/spec-page.ts";

const indexes = fc.uniqueArray(fc.integer({ min: 0, max: 60 }), { maxLength: 40 });
const range = fc.tuple(fc.nat(60), fc.nat(20)).map(([from, length]): IndexRange => [from, from + length]);
const sorted = (some: Iterable<number>) => [...new Set(some)].sort((a, b) => a - b);

describe("ranges", () => {
  test("indexes are turned into the fewest ranges that hold exactly them", () => {
    fc.assert(
      fc.property(indexes, (some) => {
        const ranges = rangesOf(some);
        expect([...indexesOf(ranges)]).toEqual(sorted(some));
        expect(countIndexes(ranges)).toBe(some.length);
        for (const [at, one] of ranges.entries()) expect(one[0]).toBeGreaterThan(ranges[at - 1]?.[1] ?? -1);
        for (let index = 0; index <= 61; index++) expect(holdsIndex(ranges, index)).toBe(some.includes(index));
      }),
    );
  });

  test("the difference and the intersection of ranges equal those of their index sets", () => {
    fc.assert(
      fc.property(indexes, indexes, (a, b) => {
        const [left, right] = [rangesOf(a), rangesOf(b)];
        expect([...indexesOf(withoutRanges(left, right))]).toEqual(sorted(a.filter((index) => !b.includes(index))));
        expect([...indexesOf(commonRanges(left, right))]).toEqual(sorted(a.filter((index) => b.includes(index))));
      }),
    );
  });

  test("any ranges are merged into the fewest that hold the same indexes", () => {
    fc.assert(
      fc.property(fc.array(range), (some) => {
        expect(mergedRanges(some)).toEqual(rangesOf(sorted(indexesOf(some))));
      }),
    );
  });
});

describe("abort ranges", () => {
  test("abort ranges are read back unchanged", () => {
    expect(parseAbortRanges([aheadRange([3, 7]), heldRange([0, 3])])).toEqual({ ahead: [[3, 7]], held: [[0, 3]] });
    expect(parseAbortRanges(undefined)).toEqual({ ahead: [], held: [] });
  });

  test("abort ranges name each task once, and a later range never moves the pieces of an earlier one", () => {
    fc.assert(
      fc.property(fc.array(range, { maxLength: 8 }), fc.array(range, { maxLength: 8 }), (ahead, held) => {
        const texts = [...ahead.map(aheadRange), ...held.map(heldRange)];
        const parsed = parseAbortRanges(texts);
        const all = [...indexesOf(parsed.ahead)];
        expect(sorted(all)).toEqual(sorted(indexesOf(ahead)));
        expect(all).toHaveLength(new Set(all).size);
        expect([...indexesOf(parsed.held)]).toEqual(sorted(indexesOf(held)));
        const before = parseAbortRanges(ahead.slice(0, -1).map(aheadRange)).ahead;
        expect(parsed.ahead.slice(0, before.length)).toEqual(before);
      }),
    );
  });

  test("abort ranges are cut at bucket ends, and split at the cursor", () => {
    expect(abortSlices([990, 3005])).toEqual([
      [990, 1000],
      [1000, 2000],
      [2000, 3000],
      [3000, 3005],
    ]);
    expect(BUCKET_TASKS).toBe(1000);
    fc.assert(
      fc.property(fc.array(range), fc.nat(80), (ranges, cursor) => {
        const split = splitAtCursor(ranges, cursor);
        for (const index of indexesOf(split.held)) expect(index).toBeLessThan(cursor);
        for (const index of indexesOf(split.ahead)) expect(index).toBeGreaterThanOrEqual(cursor);
        expect(countIndexes(split.held) + countIndexes(split.ahead)).toBe(countIndexes(ranges));
      }),
    );
  });
});

const someRanges = fc
  .uniqueArray(fc.integer({ min: 0, max: 2500 }), { minLength: 1, maxLength: 60 })
  .map((some) =>
    rangesOf(some.flatMap((index) => [index, index + 1, index + 2])).map(
      ([from, to], at): LeaseRange => ({ from, to, attempt: 1 + (at % 2) }),
    ),
  );

describe("ranges of a lease", () => {
  test("a slice of requeued tasks is by position, whatever their indexes", () => {
    fc.assert(
      fc.property(someRanges, fc.nat(50), fc.nat(50), (ranges, from, length) => {
        const flat = (some: readonly LeaseRange[]) =>
          some.flatMap((run) => [...indexesOf([[run.from, run.to]])].map((index) => [index, run.attempt]));
        expect(flat(sliceRanges(ranges, from, from + length))).toEqual(flat(ranges).slice(from, from + length));
      }),
    );
  });

  test("requeued ranges that are cut to some indexes keep their attempts", () => {
    expect(
      leaseRangesWithin(
        [
          { from: 0, to: 5, attempt: 2 },
          { from: 8, to: 9, attempt: 1 },
        ],
        [[3, 9]],
      ),
    ).toEqual([
      { from: 3, to: 5, attempt: 2 },
      { from: 8, to: 9, attempt: 1 },
    ]);
  });

  test("requeued tasks are cut into leases that fit a page, each task for the engine that was drawn for it", () => {
    const draws = fc.array(fc.record({ engine: fc.nat(3), tasks: fc.integer({ min: 1, max: 60 }) }), {
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(
        someRanges,
        draws,
        fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }),
        (ranges, drawn, atMost) => {
          const cut = cutLeases(ranges, drawn, atMost);
          const expected = new Map<number, number[]>();
          const all = ranges.flatMap(({ from, to }) => [...indexesOf([[from, to]])]);
          let at = 0;
          for (const { engine, tasks } of drawn) {
            expected.set(engine, [...(expected.get(engine) ?? []), ...all.slice(at, at + tasks)]);
            at += tasks;
          }
          for (const [engine, leases] of cut) {
            expect(leases.flatMap((lease) => lease.flatMap(({ from, to }) => [...indexesOf([[from, to]])]))).toEqual(
              expected.get(engine),
            );
            for (const lease of leases) {
              expect(leaseTasks({ ranges: lease })).toBeLessThanOrEqual(atMost ?? LEASE_SPAN);
              const [head, ...rest] = lease;
              if (head) expect(rest.every((range) => fitLease(leaseIndexRanges({ ranges: [head, range] })))).toBe(true);
            }
          }
          for (const [engine, some] of expected) if (some.length > 0) expect(cut.has(engine)).toBe(true);
        },
      ),
    );
  });
});

describe("reconciliation", () => {
  const entry = (index: number, final: boolean, attempt = 1): Entry => ({
    index,
    attempt,
    final,
    status: final ? "ok" : "error",
  });

  test("reconciliation finds claimed tasks that are in no lease, queue or page, with their spent attempts", () => {
    const page = { revoked: false, received: 0, entries: [entry(0, true), entry(1, false, 2), entry(2, false)] };
    const found = reconcile({ tasks: 10, queue: "any", cursor: 7, pages: [page], covered: [[2, 4]], ended: [[5, 6]] });
    expect(found).toEqual({
      ended: [
        [0, 1],
        [5, 6],
      ],
      missing: [
        [1, 2],
        [4, 5],
        [6, 7],
      ],
      complete: false,
      spent: new Map([
        [1, 2],
        [2, 1],
      ]),
      attempted: new Map([
        [1, 0],
        [2, 0],
      ]),
      queues: new Map(),
    });
  });

  test("reconciliation lists the engines that refused a missing task, and counts no attempt for a refusal", () => {
    const page = (engine: number, received: number, unmet: Partial<Entry>): OutcomePage => ({
      engine,
      pool: "small",
      revoked: false,
      received,
      entries: [{ index: 0, attempt: 2, final: false, status: "unmet", ...unmet }],
    });
    const pages = [page(4, 2, {}), page(1, 1, {}), page(2, 3, { status: "timeout", up: "large" })];
    const found = reconcile({ tasks: 1, queue: "any", cursor: 1, pages, covered: [], ended: [] });
    expect(found.queues).toEqual(new Map([[0, "any/but:1,4/only:large"]]));
    expect(found.spent).toEqual(new Map([[0, 1]]));
  });

  test("reconciliation detects that all tasks have ended, including tasks aborted ahead of the cursor", () => {
    const page = { revoked: false, received: 0, entries: [entry(1, true), entry(2, true)] };
    expect(reconcile({ tasks: 3, queue: "any", cursor: 1, pages: [page], covered: [], ended: [[0, 1]] })).toMatchObject(
      {
        complete: true,
        missing: [],
      },
    );
  });
});
