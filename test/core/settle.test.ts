import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { keptLease, type Lease, leaseIndexRanges, leaseTasks } from "../../lambdas/core/lease.ts";
import { rosterOf } from "../../lambdas/core/roster.ts";
import { type AttemptReport, followUps, settle, settleLost, type VerdictFacts } from "../../lambdas/core/settle.ts";
import type { JobFlags } from "../../lambdas/protocol/flags.ts";
import { indexesOf, rangesOf } from "../../lambdas/protocol/index-ranges.ts";
import { OUTCOME_PAGE_BYTES } from "../../lambdas/protocol/outcome-page.ts";
import { packOutcomePage } from "../../lambdas/protocol/packed-page.ts";

const NOW = 5000;
const half = () => 0.5;
const pools = [
  { name: "small", count: 2, memoryMb: 512 },
  { name: "middle", count: 1, memoryMb: 1024 },
  { name: "large", count: 1, memoryMb: 4096 },
];

/** Returns the facts of a verdict on engine 0, which is in the pool `small`. */
function by(flags: JobFlags = {}, change: Partial<VerdictFacts> = {}): VerdictFacts {
  return { engine: { id: 0, pool: "small" }, flags, roster: rosterOf(pools), now: NOW, random: half, ...change };
}

function aLease(change: Partial<Lease> = {}): Lease {
  return {
    job: "J",
    ranges: [{ from: 0, to: 4, attempt: 1 }],
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

const ok = (index: number): AttemptReport => ({ index, status: "ok", value: "v" });
const failure = (index: number): AttemptReport => ({
  index,
  status: "error",
  error: { code: "RemoteError", ename: "Error", evalue: "" },
});

const unmet = (index: number, module?: string): AttemptReport => ({
  index,
  status: "unmet",
  error: { code: "UnmetDependency", ename: "UnmetDependency", evalue: "no", ...(module ? { module } : {}) },
});

describe("settle", () => {
  test("settle numbers each attempt by the lease, and says whether it is the last", () => {
    const lease = aLease({
      ranges: [
        { from: 0, to: 2, attempt: 3 },
        { from: 7, to: 8, attempt: 1 },
      ],
    });
    const entries = settle(lease, [ok(0), failure(1), failure(7)], by({ retries: 2 }));
    expect(entries.map(({ index, attempt, final }) => [index, attempt, final])).toEqual([
      [0, 3, true],
      [1, 3, true],
      [7, 1, false],
    ]);
  });

  test("settle assigns the retries of one attempt one due time, no later than the deadline", () => {
    const backoff = { initialMs: 1000, factor: 2, jitter: true };
    const lease = aLease();
    const chance = [0.1, 0.9, 0.3, 0.7];
    const entries = settle(
      lease,
      [0, 1, 2, 3].map(failure),
      by({ retries: 1, backoff }, { random: () => chance.shift() ?? 0 }),
    );
    expect(new Set(entries.map(({ due }) => due)).size).toBe(1);
    const late = settle(lease, [failure(0)], by({ retries: 1, backoff }, { deadlineAt: NOW + 10 }));
    expect(late[0]?.due).toBe(NOW + 10);
  });
});

describe("a lost lease", () => {
  test("a lost lease of one task costs it an attempt, and the error names the engine and the cause", () => {
    const lease = aLease({ ranges: [{ from: 3, to: 4, attempt: 2 }] });
    const [entry] = settleLost(lease, "out of memory", by({ retries: 1 }, { engine: { id: 7, pool: "small" } }));
    expect(entry).toMatchObject({
      index: 3,
      attempt: 2,
      status: "lost",
      final: true,
      error: { code: "EngineError", evalue: "engine 7 died: out of memory" },
    });
  });

  test("a lost lease of several tasks costs no attempt: they return as suspects, in few parts, until one is alone", () => {
    for (let tasks = 2; tasks <= 1000; tasks++) {
      const lease = aLease({ ranges: [{ from: 0, to: tasks, attempt: 1 }] });
      const entries = settleLost(lease, "crash", by());
      expect(entries).toEqual([]);
      const [left] = followUps(lease, { engine: 7, revoked: true, entries }, aJob(), NOW);
      const atMost = left?.entry.requeued?.atMost ?? Number.POSITIVE_INFINITY;
      expect(atMost).toBeLessThan(tasks);
      expect(Math.ceil(tasks / atMost)).toBeLessThanOrEqual(8);
    }
  });
});

describe("the consequences of a page", () => {
  test("retries go to the end of the queue, not to the engine that failed them", () => {
    const lease = aLease();
    const entries = settle(lease, [ok(0), failure(1), failure(2), ok(3)], by({ retries: 1 }));
    expect(followUps(lease, { engine: 4, revoked: false, entries }, aJob({ retries: 1 }), NOW)).toEqual([
      {
        due: undefined,
        entry: expect.objectContaining({
          queued: NOW,
          tasks: 2,
          requeued: { ranges: [{ from: 1, to: 3, attempt: 2 }], hop: 3, avoid: 4 },
        }),
      },
    ]);
  });

  test("unstarted tasks keep their attempt and their place in the queue", () => {
    const lease = aLease();
    const page = {
      engine: 4,
      revoked: false,
      entries: settle(lease, [ok(0)], by()),
      running: [[1, 2]] as const,
    };
    expect(followUps(lease, page, aJob(), NOW)).toEqual([
      {
        entry: expect.objectContaining({
          queued: 1000,
          tasks: 2,
          requeued: { ranges: [{ from: 2, to: 4, attempt: 1 }], hop: 3, atMost: undefined },
        }),
      },
    ]);
  });

  test("each task of the lease is exactly one of final, retried, kept running and returned", () => {
    const someLease = fc
      .uniqueArray(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 20 })
      .map((indexes) =>
        aLease({ ranges: rangesOf(indexes).map(([from, to], at) => ({ from, to, attempt: 1 + (at % 3) })) }),
      );
    fc.assert(
      fc.property(
        someLease,
        fc.infiniteStream(fc.constantFrom("ok", "failed", "unmet", "module", "running", "returned")),
        fc.nat(3),
        (lease, fates, retries) => {
          const reports: AttemptReport[] = [];
          const running: number[] = [];
          for (const index of indexesOf(leaseIndexRanges(lease))) {
            const fate = fates.next().value;
            if (fate === "ok") reports.push(ok(index));
            if (fate === "failed") reports.push(failure(index));
            if (fate === "unmet") reports.push(unmet(index));
            if (fate === "module") reports.push(unmet(index, "sharp"));
            if (fate === "running") running.push(index);
          }
          const entries = settle(lease, reports, by({ retries }));
          const page = { engine: 0, pool: "small", revoked: false, entries, running: rangesOf(running) };
          const requeued = followUps(lease, page, aJob({ retries }), NOW);
          const names = requeued.map(
            ({ entry }) =>
              `${Math.min(...(entry.requeued?.ranges ?? []).map(({ from }) => from))}.${entry.requeued?.hop}`,
          );
          expect(new Set(names).size).toBe(names.length);
          const places = [
            ...entries.filter(({ final }) => final).map(({ index }) => index),
            ...requeued.flatMap(({ entry: queueEntry }) => [
              ...indexesOf(leaseIndexRanges({ ranges: queueEntry.requeued?.ranges ?? [] })),
            ]),
            ...indexesOf(leaseIndexRanges(keptLease(lease, page.running))),
          ];
          expect(places.sort((a, b) => a - b)).toEqual([...indexesOf(leaseIndexRanges(lease))]);
          expect(
            requeued.every(
              ({ entry: queueEntry }) => queueEntry.tasks === leaseTasks({ ranges: queueEntry.requeued?.ranges ?? [] }),
            ),
          ).toBe(true);
        },
      ),
    );
  });
});

describe("a refusal", () => {
  test("refused tasks spend no attempt, and continue as one range in their place in the queue, without that engine", () => {
    const lease = aLease({ ranges: [{ from: 0, to: 4, attempt: 2 }] });
    const entries = settle(
      lease,
      [0, 1, 2, 3].map((index) => unmet(index)),
      by({ retries: 1 }),
    );
    const requeued = followUps(lease, { engine: 0, pool: "small", revoked: false, entries }, aJob(), NOW);
    expect(requeued).toMatchObject([
      { entry: { queue: "any/but:0", queued: 1000, requeued: { ranges: [{ from: 0, to: 4, attempt: 2 }], hop: 3 } } },
    ]);
  });

  test("a refusal because of a missing module excludes the whole pool", () => {
    const lease = aLease({ queue: "any/but:7" });
    const entries = settle(lease, [unmet(0, "sharp"), unmet(1)], by());
    const requeued = followUps(lease, { engine: 0, pool: "small", revoked: false, entries }, aJob(), NOW);
    expect(requeued.map(({ entry }) => entry.queue)).toEqual(["any/but:7/not:small", "any/but:0,7", "any/but:7"]);
  });

  test("a refusal by the last possible engine ends the task, and its error names the engines and reasons", () => {
    const lease = aLease({ queue: "any/but:1/not:large,middle", ranges: [{ from: 0, to: 1, attempt: 1 }] });
    expect(settle(lease, [unmet(0)], by({ retries: 5 }))).toMatchObject([
      {
        status: "impossible",
        final: true,
        error: {
          code: "ImpossibleDependency",
          evalue:
            "no engine can run it: engines 0-1 refused it; pools large and middle lack a module that it requires (engine 0: no)",
        },
      },
    ]);
    expect(settle(lease, [unmet(0)], by({ waitForNew: true }))).toMatchObject([{ status: "unmet", final: false }]);
    expect(settle(aLease({ queue: "pool:small/but:1" }), [unmet(0)], by())[0]?.error?.evalue).toContain(
      "no engine in pool small can run it: engines 0-1 refused it (engine 0: no)",
    );
  });

  test("a refusal names the pools that lack a module, and where to install it", () => {
    const said = (engine: { id: number; pool: string }, lacking: Record<string, string[]>, memoryMb = 0) => {
      const others = pools.map(({ name }) => name).filter((name) => name !== engine.pool);
      const lease = aLease({ queue: `any/not:${others.join(",")}`, ranges: [{ from: 0, to: 1, attempt: 1 }] });
      const known = new Map(Object.entries(lacking).map(([pool, modules]) => [pool, new Set(modules)]));
      return settle(lease, [unmet(0, "sharp")], by({ memoryMb }, { engine, lacking: known }))[0]?.error?.evalue;
    };
    const remedy = ". Install it there with `engines[].modules`";
    expect(said({ id: 0, pool: "small" }, { large: ["sharp"], middle: ["sharp", "re2"] })).toBe(
      `no engine can run it: pools large, middle and small lack module sharp (engine 0: no)${remedy}`,
    );
    expect(said({ id: 3, pool: "large" }, { middle: ["re2"] }, 600)).toBe(
      `no engine can run it: pool small has less than memoryMb = 600; pool large lacks module sharp; pool middle lacks module re2 (engine 3: no)${remedy}`,
    );
  });

  test("refusals of a thousand tasks by every engine fit one page, however long the reasons", () => {
    const lease = aLease({ queue: "engines:0", ranges: [{ from: 0, to: 1000, attempt: 1 }] });
    const reports = Array.from({ length: 1000 }, (_, index): AttemptReport => {
      const { error, ...rest } = unmet(index);
      return {
        ...rest,
        error: { code: "UnmetDependency", ename: "UnmetDependency", ...error, evalue: "long ".repeat(100) },
      };
    });
    const page = { engine: 0, revoked: false, received: NOW, entries: settle(lease, reports, by()) };
    expect(Buffer.byteLength(packOutcomePage(page))).toBeLessThan(OUTCOME_PAGE_BYTES);
  });
});

describe("escalation", () => {
  const outOfMemory: AttemptReport = {
    index: 0,
    status: "lost",
    error: { code: "EngineError", ename: "EngineError", evalue: "", memory: true },
  };
  const tooLong: AttemptReport = {
    index: 0,
    status: "timeout",
    error: { code: "RunTimeout", ename: "RunTimeout", evalue: "" },
  };
  const lease = aLease({ ranges: [{ from: 0, to: 1, attempt: 1 }] });
  const goesTo = (report: AttemptReport, judging: VerdictFacts, queue = "any") => {
    const held = { ...lease, queue };
    const entries = settle(held, [report], judging);
    const page = { engine: judging.engine.id, pool: judging.engine.pool, revoked: false, entries };
    return followUps(held, page, aJob(), NOW).map(({ entry }) => [entry.queue, entry.requeued?.ranges[0]?.attempt]);
  };

  test("escalation goes to the next larger pool on the same attempt, once for each pool", () => {
    expect(goesTo(outOfMemory, by({ escalate: true }))).toEqual([["any/only:middle", 1]]);
    expect(goesTo(tooLong, by({ escalate: true }))).toEqual([["any/only:middle", 1]]);
    const middle = { engine: { id: 2, pool: "middle" } };
    expect(goesTo(outOfMemory, by({ escalate: true }, middle), "any/only:middle")).toEqual([["any/only:large", 1]]);
    const large = { engine: { id: 3, pool: "large" } };
    expect(goesTo(outOfMemory, by({ escalate: true }, large), "any/only:large")).toEqual([]);
    expect(goesTo(outOfMemory, by({ escalate: true, retries: 1 }, large), "any/only:large")).toEqual([
      ["any/only:large", 2],
    ]);
  });

  test("escalation needs the flag, a cause, and a larger pool that the targets allow", () => {
    expect(goesTo(outOfMemory, by())).toEqual([]);
    expect(goesTo(failure(0), by({ escalate: true }))).toEqual([]);
    expect(goesTo(outOfMemory, by({ escalate: true }), "pool:small")).toEqual([]);
    expect(goesTo(outOfMemory, by({ escalate: true }), "engines:0,3")).toEqual([["engines:0,3/only:large", 1]]);
  });

  test("escalation continues to an even larger pool if the next one refuses", () => {
    const entries = by({ escalate: true }, { engine: { id: 2, pool: "middle" } });
    expect(goesTo(unmet(0), entries, "any/only:middle")).toEqual([["any/but:2/only:large", 1]]);
  });

  test("escalation recognizes Lambda's messages about lack of memory", () => {
    for (const reason of ["Runtime.OutOfMemory", "Runtime exited with error: signal: killed"])
      expect(settleLost(lease, reason, by({ escalate: true }))).toMatchObject([{ final: false, up: "middle" }]);
    expect(settleLost(lease, "exit status 3", by({ escalate: true }))).toMatchObject([{ final: true }]);
  });
});
