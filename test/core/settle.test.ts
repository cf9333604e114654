import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { keptLease, type Lease, leaseRanges, leaseTasks } from "../../lambdas/core/lease.ts";
import { followUps, settle, settleLost, type ToldEntry } from "../../lambdas/core/settle.ts";
import type { JobFlags } from "../../lambdas/protocol/flags.ts";
import { indexesOf, rangesOf } from "../../lambdas/protocol/index-ranges.ts";

const NOW = 5000;
const half = () => 0.5;

function aLease(change: Partial<Lease> = {}): Lease {
  return {
    job: "J",
    runs: [{ from: 0, to: 4, attempt: 1 }],
    hop: 2,
    queued: 1000,
    queue: "any",
    priority: 0,
    ...change,
  };
}

function aJob(flags: JobFlags = {}) {
  return { tasks: 100, specBytes: 10, flags };
}

const ok = (index: number): ToldEntry => ({ index, status: "ok", value: "v" });
const failure = (index: number): ToldEntry => ({
  index,
  status: "error",
  error: { code: "RemoteError", ename: "Error", evalue: "" },
});

describe("settle", () => {
  test("numbers each attempt by the lease, and says whether it is the last", () => {
    const lease = aLease({
      runs: [
        { from: 0, to: 2, attempt: 3 },
        { from: 7, to: 8, attempt: 1 },
      ],
    });
    const entries = settle(lease, [ok(0), failure(1), failure(7)], { retries: 2 }, NOW, half);
    expect(entries.map(({ index, attempt, final }) => [index, attempt, final])).toEqual([
      [0, 3, true],
      [1, 3, true],
      [7, 1, false],
    ]);
  });

  test("gives the retries of one attempt one due time, none later than the deadline", () => {
    const backoff = { initialMs: 1000, factor: 2, jitter: true };
    const lease = aLease();
    const chance = [0.1, 0.9, 0.3, 0.7];
    const entries = settle(lease, [0, 1, 2, 3].map(failure), { retries: 1, backoff }, NOW, () => chance.shift() ?? 0);
    expect(new Set(entries.map(({ due }) => due)).size).toBe(1);
    const late = settle(lease, [failure(0)], { retries: 1, backoff }, NOW, half, NOW + 10);
    expect(late[0]?.due).toBe(NOW + 10);
  });
});

describe("a lost lease", () => {
  test("costs a task that was alone an attempt, and says which engine died of what", () => {
    const lease = aLease({ runs: [{ from: 3, to: 4, attempt: 2 }] });
    const [entry] = settleLost(lease, { id: 7 }, "out of memory", { retries: 1 }, NOW, half);
    expect(entry).toMatchObject({
      index: 3,
      attempt: 2,
      status: "lost",
      final: true,
      error: { code: "EngineError", evalue: "engine 7 died: out of memory" },
    });
  });

  test("costs several nothing: they come back as suspects, in few pieces, until one dies alone", () => {
    for (let tasks = 2; tasks <= 1000; tasks++) {
      const lease = aLease({ runs: [{ from: 0, to: tasks, attempt: 1 }] });
      const entries = settleLost(lease, { id: 7 }, "crash", {}, NOW, half);
      expect(entries).toEqual([]);
      const [left] = followUps(lease, { engine: 7, revoked: true, entries }, aJob(), NOW);
      const atMost = left?.hint.run?.atMost ?? Number.POSITIVE_INFINITY;
      expect(atMost).toBeLessThan(tasks);
      expect(Math.ceil(tasks / atMost)).toBeLessThanOrEqual(8);
    }
  });
});

describe("what follows a page", () => {
  test("retries go to the end of the queue, not to the engine that failed them", () => {
    const lease = aLease();
    const entries = settle(lease, [ok(0), failure(1), failure(2), ok(3)], { retries: 1 }, NOW, half);
    expect(followUps(lease, { engine: 4, revoked: false, entries }, aJob({ retries: 1 }), NOW)).toEqual([
      {
        due: undefined,
        hint: expect.objectContaining({
          queued: NOW,
          tasks: 2,
          run: { runs: [{ from: 1, to: 3, attempt: 2 }], hop: 3, avoid: 4 },
        }),
      },
    ]);
  });

  test("what was not started keeps its attempt and its place in the queue", () => {
    const lease = aLease();
    const page = {
      engine: 4,
      revoked: false,
      entries: settle(lease, [ok(0)], {}, NOW, half),
      running: [[1, 2]] as const,
    };
    expect(followUps(lease, page, aJob(), NOW)).toEqual([
      {
        hint: expect.objectContaining({
          queued: 1000,
          tasks: 2,
          run: { runs: [{ from: 2, to: 4, attempt: 1 }], hop: 3, atMost: undefined },
        }),
      },
    ]);
  });

  test("each task of the lease is in exactly one of: final, retried, kept running, returned", () => {
    const someLease = fc
      .uniqueArray(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 20 })
      .map((indexes) =>
        aLease({ runs: rangesOf(indexes).map(([from, to], at) => ({ from, to, attempt: 1 + (at % 3) })) }),
      );
    fc.assert(
      fc.property(
        someLease,
        fc.infiniteStream(fc.constantFrom("ok", "failed", "running", "returned")),
        fc.nat(3),
        (lease, fates, retries) => {
          const told: ToldEntry[] = [];
          const running: number[] = [];
          for (const index of indexesOf(leaseRanges(lease))) {
            const fate = fates.next().value;
            if (fate === "ok") told.push(ok(index));
            if (fate === "failed") told.push(failure(index));
            if (fate === "running") running.push(index);
          }
          const entries = settle(lease, told, { retries }, NOW, half);
          const page = { engine: 1, revoked: false, entries, running: rangesOf(running) };
          const requeued = followUps(lease, page, aJob({ retries }), NOW);
          const names = requeued.map(
            ({ hint }) => `${Math.min(...(hint.run?.runs ?? []).map(({ from }) => from))}.${hint.run?.hop}`,
          );
          expect(new Set(names).size).toBe(names.length);
          const places = [
            ...entries.filter(({ final }) => final).map(({ index }) => index),
            ...requeued.flatMap(({ hint }) => [...indexesOf(leaseRanges({ runs: hint.run?.runs ?? [] }))]),
            ...indexesOf(leaseRanges(keptLease(lease, page.running))),
          ];
          expect(places.sort((a, b) => a - b)).toEqual([...indexesOf(leaseRanges(lease))]);
          expect(requeued.every(({ hint }) => hint.tasks === leaseTasks({ runs: hint.run?.runs ?? [] }))).toBe(true);
        },
      ),
    );
  });
});
