import { describe, expect, test } from "vitest";
import { newEngine } from "../../lambdas/core/engine.ts";
import { firstFor, nextSize } from "../../lambdas/core/placing/pull-work.ts";
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
const runs = [{ from: 0, to: 1, attempt: 2 }];
const failedBy = (avoid: number) => ({ requeued: { runs, hop: 1, avoid } });

describe("an engine that reports takes next", () => {
  test.each<[string, QueueEntry[], string | undefined]>([
    ["the first entry", [entry("A"), entry("B")], "A"],
    ["nothing from an empty queue", [], undefined],
    ["the first that it has not just failed itself", [entry("A", failedBy(1)), entry("B")], "B"],
    ["what another engine has failed", [entry("A", failedBy(0)), entry("B")], "A"],
    ["what it has failed itself if there is nothing else", [entry("A", failedBy(1)), entry("B", failedBy(1))], "A"],
    [
      "what it has failed itself if no other engine may run it",
      [entry("A", { queue: "engines:1", ...failedBy(1) }), entry("B")],
      "A",
    ],
  ])("%s", (_, entries, job) => {
    expect(firstFor(engine, entries, roster)?.job).toBe(job);
  });
});

describe("the size of the next lease", () => {
  const size = (change: Partial<QueueEntry> = {}, measured = { meanMs: 1, tasks: 100 }, waiting: QueueEntry[] = []) =>
    nextSize("adaptive", { entry: entry("A", change), remaining: 100_000, measured }, waiting, roster);

  test.each([
    ["follows the mean of the job's tasks", size(), 300],
    ["grows from the last one", size({}, { meanMs: 1, tasks: 2 }), 16],
    ["is a share where other jobs wait", size({}, undefined, [entry("A"), entry("B"), entry("B"), entry("C")]), 100],
    ["is no more than suspects may be together", size({ requeued: { runs, hop: 1, atMost: 4 } }), 4],
    ["is no more than one response holds", size({ specBytes: 350_000 }), 10],
  ])("%s", (_, found, expected) => {
    expect(found).toBe(expected);
  });

  test("counts the engines that may run the work", () => {
    const remaining = 120;
    const measured = { meanMs: 1, tasks: 100 };
    const by = (queue: string) =>
      nextSize("adaptive", { entry: entry("A", { queue }), remaining, measured }, [], roster);
    expect([by("any"), by("engines:0-1"), by("engines:0")]).toEqual([20, 30, 60]);
  });

  test("is one for a function that is not known, and the mark itself if it is fixed", () => {
    const offer = { entry: entry("A"), remaining: 100 };
    expect(nextSize("adaptive", offer, [], roster)).toBe(1);
    expect(nextSize(7, offer, [], roster)).toBe(7);
  });
});
