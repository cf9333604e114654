import { describe, expect, test } from "vitest";
import { seededUniform } from "../../client/local/latency/seeded-uniform.ts";
import type { Lease } from "../../lambdas/core/lease.ts";
import { competingJobs, entryInTurn, fairParts, heldByJob } from "../../lambdas/core/placing/fair-share.ts";
import type { QueueEntry } from "../../lambdas/core/queue-entry.ts";

const entry = (job: string, priority = 0, change: Partial<QueueEntry> = {}): QueueEntry => ({
  job,
  queue: "any",
  priority,
  queued: 0,
  tasks: 100,
  specBytes: 100,
  ...change,
});
const lease = (job: string, tasks: number): Lease => ({
  job,
  ranges: [{ from: 0, to: tasks, attempt: 1 }],
  hop: 0,
  queued: 0,
  queue: "any",
  priority: 0,
});
const held = (counts: Record<string, number>) => new Map(Object.entries(counts));

describe("what a job holds", () => {
  test.each<[string, "adaptive" | number, Record<string, number>]>([
    ["is the number of its leases under `adaptive`", "adaptive", { A: 2, B: 1 }],
    ["is the number of its leases under `hwm: 0`", 0, { A: 2, B: 1 }],
    ["is the number of its tasks in leases under a high-water mark", 20, { A: 12, B: 3 }],
  ])("what a job holds %s", (_, hwm, counts) => {
    expect(heldByJob([lease("A", 5), lease("B", 3), lease("A", 7)], hwm)).toEqual(held(counts));
  });
});

describe("the jobs that compete", () => {
  test("the jobs that compete are those with the priority of the first entry, each once", () => {
    expect(competingJobs([entry("A", 3), entry("B", 3), entry("A", 3), entry("C", 2)])).toEqual(["A", "B"]);
    expect(competingJobs([])).toEqual([]);
  });
});

describe("the next entry is", () => {
  const [a, b, c, low] = [entry("A"), entry("B"), entry("C"), entry("D", -1)];
  const retry = entry("B", 0, { requeued: { ranges: [{ from: 0, to: 1, attempt: 2 }], hop: 1 } });
  test.each<[string, QueueEntry[], Record<string, number>, string | undefined, QueueEntry | undefined]>([
    ["none of an empty queue", [], {}, undefined, undefined],
    ["the first if nothing is held", [a, b], {}, undefined, a],
    ["that of the job which holds least", [a, b, c], { A: 2, B: 1, C: 3 }, undefined, b],
    ["that of the engine's last job, as long as others hold more", [a, b], { A: 1 }, "B", b],
    ["that of the next job if several hold as little", [a, b, c], { B: 1 }, "A", c],
    ["that of the first job after the last", [a, b, c], {}, "C", a],
    ["the first if the last job has no more work", [a, b], {}, "Z", a],
    ["the job's first entry", [a, retry, b], { A: 1 }, undefined, retry],
    ["never one of lower priority", [a, low], { A: 9 }, "A", a],
  ])("the next entry is %s", (_, entries, counts, last, expected) => {
    expect(entryInTurn(entries, held(counts), last)).toBe(expected);
  });
});

describe("the parts of jobs that compete for room", () => {
  test.each<[string, Record<string, number>, Record<string, number>, number, Record<string, number>]>([
    ["are equal", { A: 50, B: 50 }, {}, 8, { A: 4, B: 4 }],
    ["differ by at most one, in favour of the first", { A: 50, B: 50, C: 50 }, {}, 8, { A: 3, B: 3, C: 2 }],
    ["leave to others what a job does not want", { A: 1, B: 50 }, {}, 8, { A: 1, B: 7 }],
    ["make up for what is held already", { A: 50, B: 50 }, { A: 4 }, 2, { A: 0, B: 2 }],
    ["are all that is wanted if there is room", { A: 3, B: 4 }, { A: 9 }, 100, { A: 3, B: 4 }],
    ["are nothing without room", { A: 3, B: 4 }, {}, 0, { A: 0, B: 0 }],
  ])("the parts of jobs that compete for room %s", (_, wanted, counts, room, parts) => {
    expect(Object.fromEntries(fairParts(held(wanted), held(counts), room))).toEqual(parts);
  });

  test("the parts of jobs that compete for room use all of it, and give nobody less than one that holds more", () => {
    const random = seededUniform(7);
    const upTo = (most: number) => Math.floor(random() * (most + 1));
    for (let run = 0; run < 500; run++) {
      const jobs = Array.from({ length: 1 + upTo(6) }, (_, at) => `job${at}`);
      const wanted = new Map(jobs.map((job) => [job, upTo(20)]));
      const counts = new Map(jobs.map((job) => [job, upTo(9)]));
      const room = upTo(60);
      const parts = fairParts(wanted, counts, room);
      const given = jobs.map((job) => parts.get(job) ?? Number.NaN);
      const most = [...wanted.values()].reduce((sum, one) => sum + one, 0);
      expect(given.reduce((sum, one) => sum + one, 0)).toBe(Math.min(room, most));
      const ends = jobs.map((job, at) => (given[at] ?? 0) + (counts.get(job) ?? 0));
      for (const [at, job] of jobs.entries()) {
        expect(given[at]).toBeLessThanOrEqual(wanted.get(job) ?? 0);
        if (given[at] === wanted.get(job)) continue;
        for (const [other, end] of ends.entries())
          if ((given[other] ?? 0) > 0) expect(end - (ends[at] ?? 0)).toBeLessThanOrEqual(1);
      }
    }
  });
});
