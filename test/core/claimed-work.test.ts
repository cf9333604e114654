import { describe, expect, test } from "vitest";
import {
  type ClaimedWork,
  claimedTogether,
  leaseOf,
  returnedEntry,
  returnedLease,
} from "../../lambdas/core/claimed-work.ts";
import type { Lease, LeaseRange } from "../../lambdas/core/lease.ts";
import type { QueueEntry } from "../../lambdas/core/queue-entry.ts";
import type { JobHeader } from "../../lambdas/protocol/job-header.ts";

const header: Pick<JobHeader, "specBytes" | "flags"> = { flags: { scheme: "lru" }, specBytes: 64 };
const fromCursor: QueueEntry = { job: "J", queue: "any/but:3", priority: 5, queued: 1000, tasks: 100, specBytes: 64 };
const ranges: LeaseRange[] = [
  { from: 4, to: 7, attempt: 1 },
  { from: 9, to: 10, attempt: 2 },
];
const whole: JobHeader = {
  id: "J",
  tasks: 100,
  items: 100,
  shape: "map",
  chunked: false,
  submitted: 0,
  client: "c",
  pageTasks: 100,
  ...header,
};
const claimed = (entry: QueueEntry): ClaimedWork => ({ entry, header: whole, ranges, hop: 2, drained: false });
const lease: Lease = { job: "J", ranges, hop: 2, queued: 1000, queue: "any/but:3", priority: 5 };

describe("a lease of claimed tasks", () => {
  test.each<[string, QueueEntry, Lease]>([
    ["keeps the job, the hop, the queue and the position in it", fromCursor, lease],
    ["is the same for requeued tasks", { ...fromCursor, requeued: { ranges, hop: 1 } }, lease],
    [
      "runs alone if its tasks may have killed their engine",
      { ...fromCursor, requeued: { ranges, hop: 1, atMost: 1 } },
      { ...lease, alone: true },
    ],
  ])("a lease of claimed tasks %s", (_, entry, expected) => {
    expect(leaseOf(claimed(entry), ranges)).toEqual(expected);
  });

  test("a lease of claimed tasks holds exactly the named tasks", () => {
    const [first] = ranges;
    if (!first) throw new Error("there are ranges");
    expect(leaseOf(claimed(fromCursor), [first]).ranges).toEqual([first]);
  });
});

describe("a lease of several claims", () => {
  const other: LeaseRange[] = [{ from: 20, to: 21, attempt: 3 }];

  test("a lease of several claims has the highest hop and the earliest position in the queue", () => {
    const later = { ...claimed({ ...fromCursor, queued: 2000 }), ranges: other, hop: 7 };
    const first = claimed(fromCursor);
    expect(claimedTogether([first, later])).toEqual({
      lease: { ...lease, ranges: [...ranges, ...other], hop: 7 },
      header: whole,
      parts: [lease, { ...lease, ranges: other, hop: 7, queued: 2000 }],
    });
  });

  test("a lease of several claims leaves out those that took no task", () => {
    const none = { ...claimed(fromCursor), ranges: [], hop: 9 };
    expect(claimedTogether([none, claimed(fromCursor)])).toEqual({ lease, header: whole });
    expect(claimedTogether([none])).toBeUndefined();
  });
});

describe("a lease that comes back to the queue", () => {
  const entry: QueueEntry = {
    job: "J",
    queue: "any/but:3",
    priority: 5,
    queued: 1000,
    tasks: 4,
    specBytes: 64,
    scheme: "lru",
    requeued: { ranges, hop: 3 },
  };

  test.each<[string, Lease, QueueEntry]>([
    ["becomes an entry one hop higher, with its attempts and its position in the queue", lease, entry],
    [
      "of suspects is handed out in no larger pieces",
      { ...lease, alone: true },
      { ...entry, requeued: { ranges, hop: 3, atMost: 4 } },
    ],
  ])("a lease that returns to the queue %s", (_, given, expected) => {
    expect(returnedLease(given, header)).toEqual(expected);
  });

  test("tasks return to the queue in the same form whether they were leased or only claimed", () => {
    expect(returnedEntry(claimed(fromCursor), ranges)).toEqual(entry);
  });
});
