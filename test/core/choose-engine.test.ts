import { describe, expect, it } from "vitest";
import { newEngine } from "../../lambdas/core/engine.ts";
import { candidatesFor, chooseEngine } from "../../lambdas/core/placing/choose-engine.ts";
import type { QueueEntry } from "../../lambdas/core/queue-entry.ts";

const engines = [0, 1, 2].map((id) => newEngine(id, "default"));

function anEntry(avoid?: number): QueueEntry {
  const entry = { job: "A", queue: "any", priority: 5, queued: 0, tasks: 100, specBytes: 100 };
  return avoid === undefined
    ? entry
    : { ...entry, requeued: { ranges: [{ from: 0, to: 1, attempt: 2 }], hop: 1, avoid } };
}

const idsFor = (entry: QueueEntry, loads: [number, number][], limit = 1) =>
  candidatesFor(entry, engines, new Map(loads), limit).map(({ id }) => id);

describe("the engines that may get work", () => {
  it("engines below the limit may get work, in their order", () => {
    expect(idsFor(anEntry(), [])).toEqual([0, 1, 2]);
    expect(idsFor(anEntry(), [[1, 1]])).toEqual([0, 2]);
    expect(idsFor(anEntry(), [[1, 1]], 2)).toEqual([0, 1, 2]);
  });

  it("the engine that just failed the work may get it again only if no other has room", () => {
    expect(idsFor(anEntry(0), [])).toEqual([1, 2]);
    const others: [number, number][] = [
      [1, 1],
      [2, 1],
    ];
    expect(idsFor(anEntry(0), others)).toEqual([0]);
  });
});

describe("choosing an engine", () => {
  const candidates = [0, 2, 1].map((load, id) => ({ id, load }));
  const idsOf = (scheme: Parameters<typeof chooseEngine>[2]) => {
    const choice = chooseEngine(candidates, 2, scheme, () => 0);
    return [1, 2, 3, 4].map(() => choice.place(1)?.id);
  };

  it("the choice follows the scheme, and never falls on an engine at the limit", () => {
    expect(idsOf("leastload")).toEqual([0, 2, 0, undefined]);
    expect(idsOf("lru")).toEqual([0, 2, 0, undefined]);
    expect(idsOf((loads) => loads.length - 1)).toEqual([2, 0, 0, undefined]);
  });
});
