import { describe, expect, test } from "vitest";
import { newEngine } from "../../lambdas/core/engine.ts";
import { batchesFor, entriesFor, nextSize } from "../../lambdas/core/placing/pull-work.ts";
import type { QueueEntry } from "../../lambdas/core/queue-entry.ts";
import type { Roster } from "../../lambdas/core/roster.ts";

const roster: Roster = [{ name: "default", memoryMb: 512, count: 3, ids: [[0, 3]] }];
const engine = newEngine(1, "default");
const entry = (job: string, change: Partial<QueueEntry> = {}): QueueEntry => ({
  job,
  queue: "any",
  priority: 5,
  queued: 0,
  tasks: 100,
  specBytes: 100,
  ...change,
});
const ranges = [{ from: 0, to: 1, attempt: 2 }];
const failedBy = (avoid: number) => ({ requeued: { ranges, hop: 1, avoid } });

describe("a reporting engine may take", () => {
  test.each<[string, QueueEntry[], string[]]>([
    ["every entry", [entry("A"), entry("B")], ["A", "B"]],
    ["nothing from an empty queue", [], []],
    ["no entry that it has just failed itself, if there is another", [entry("A", failedBy(1)), entry("B")], ["B"]],
    ["an entry that another engine has failed", [entry("A", failedBy(0)), entry("B")], ["A", "B"]],
    [
      "entries that it has failed itself if there is no other",
      [entry("A", failedBy(1)), entry("B", failedBy(1))],
      ["A", "B"],
    ],
    [
      "what it has failed itself if no other engine may run it",
      [entry("A", { queue: "engines:1", ...failedBy(1) }), entry("B")],
      ["A", "B"],
    ],
  ])("a reporting engine may take %s", (_, entries, jobs) => {
    expect(entriesFor(engine, entries, roster).map(({ job }) => job)).toEqual(jobs);
  });
});

describe("the entries of one lease", () => {
  const batch = (from: number, change: Partial<NonNullable<QueueEntry["requeued"]>> = {}, job = "A") =>
    entry(job, { tasks: 10, requeued: { ranges: [{ from, to: from + 10, attempt: 2 }], hop: 1, ...change } });
  const picked = (entries: QueueEntry[], most = 100) => {
    const offers = entries.map((one) => ({ entry: one, remaining: one.tasks }));
    const [first] = entries;
    return first
      ? batchesFor(engine, first, offers, most, roster).map((pick) => [entries.indexOf(pick.entry), pick.tasks])
      : [];
  };

  test.each<[string, QueueEntry[], number[][]]>([
    [
      "are all retries of the job that follow each other",
      [batch(0), batch(50), batch(90)],
      [
        [0, 10],
        [1, 10],
        [2, 10],
      ],
    ],
    ["are only the job's first tasks, if the queue begins with them", [entry("A"), batch(0)], [[0, 100]]],
    [
      "end before another job's, so that this job does not wait longer",
      [batch(0), batch(0, {}, "B"), batch(20)],
      [[0, 10]],
    ],
    ["end before first tasks of the job", [batch(0), entry("A"), batch(20)], [[0, 10]]],
    [
      "leave out what this engine has failed",
      [batch(0), batch(20, { avoid: 1 }), batch(40)],
      [
        [0, 10],
        [2, 10],
      ],
    ],
    [
      "leave out what is too far away for one outcome page",
      [batch(0), batch(995), batch(40)],
      [
        [0, 10],
        [2, 10],
      ],
    ],
    ["do not include suspects", [batch(0), batch(20, { atMost: 1 })], [[0, 10]]],
    ["are suspects alone, if the queue begins with them", [batch(20, { atMost: 1 }), batch(0)], [[0, 100]]],
  ])("the entries of one lease %s", (_, entries, expected) => {
    expect(picked(entries)).toEqual(expected);
  });

  test("the entries of one lease hold no more tasks than the lease", () => {
    expect(picked([batch(0), batch(20), batch(40)], 15)).toEqual([
      [0, 10],
      [1, 5],
    ]);
  });
});

describe("the size of the next lease", () => {
  const size = (
    change: Partial<QueueEntry> = {},
    measured = { meanMs: 1, reliable: 100 },
    waiting: QueueEntry[] = [],
  ) => nextSize("adaptive", { entry: entry("A", change), remaining: 100_000, measured }, waiting, roster);

  test.each([
    ["follows the mean of the job's tasks", size({}, { meanMs: 2, reliable: 100 }), 500],
    ["grows with the measured tasks", size({}, { meanMs: 1, reliable: 2 }), 16],
    ["is a share if other jobs wait", size({}, undefined, [entry("A"), entry("B"), entry("B"), entry("C")]), 100],
    ["is at most the number of suspects that may run together", size({ requeued: { ranges, hop: 1, atMost: 4 } }), 4],
    ["is at most what one response holds", size({ specBytes: 350_000 }), 10],
  ])("the size of the next lease %s", (_, found, expected) => {
    expect(found).toBe(expected);
  });

  test("the size of the next lease depends on how many engines may run the work", () => {
    const remaining = 120;
    const measured = { meanMs: 1, reliable: 100 };
    const by = (queue: string) =>
      nextSize("adaptive", { entry: entry("A", { queue }), remaining, measured }, [], roster);
    expect([by("any"), by("engines:0-1"), by("engines:0")]).toEqual([40, 50, 60]);
  });

  test("the size of the next lease is one for a function without a known mean, and an explicit high-water mark itself", () => {
    const offer = { entry: entry("A"), remaining: 100 };
    expect(nextSize("adaptive", offer, [], roster)).toBe(1);
    expect(nextSize(7, offer, [], roster)).toBe(7);
  });
});
