import { describe, expect, test } from "vitest";
import { type Engine, newEngine } from "../../lambdas/core/engine.ts";
import type { Lease } from "../../lambdas/core/lease.ts";
import { mayNameNext, nextTask, takesByPages, withNamedLease } from "../../lambdas/core/next-lease.ts";
import { aJob } from "../simulation/a-job.ts";

const { header } = aJob(1, 0, {});
const lease: Lease = {
  job: header.id,
  ranges: [{ from: 4, to: 5, attempt: 1 }],
  hop: 0,
  queued: 7,
  queue: "any",
  priority: 0,
};
const later = (change: Partial<Lease> = {}) => ({
  lease: { ...lease, ranges: [{ from: 9, to: 10, attempt: 1 }], ...change },
  header,
});
const session = { id: "s", nonce: "n", seq: 3, invoked: 0, tries: 1, heard: 1000 };
const shown: Engine = { ...newEngine(2, "default"), session, leases: [lease], completed: 5, linked: true };

describe("the task that a page names", () => {
  test("the task that a page names is the next one of the same job's cursor", () => {
    expect(nextTask(lease, [later()])).toBe(9);
  });

  test.each([
    ["of another job", { job: "other" }],
    ["in another queue", { queue: "engine:1" }],
    ["of another priority", { priority: 1 }],
    ["queued at another time", { queued: 8 }],
    ["that has changed hands", { hop: 1 }],
    ["that is suspected", { alone: true }],
    ["on its second attempt", { ranges: [{ from: 9, to: 10, attempt: 2 }] }],
    ["beside others", { ranges: [{ from: 9, to: 11, attempt: 1 }] }],
  ])("a page names no task %s", (_, change) => {
    expect(nextTask(lease, [later(change)])).toBeUndefined();
    expect(nextTask({ ...lease, ...change }, [later()])).toBeUndefined();
  });

  test("a page names no task if nothing was claimed, or several leases were", () => {
    expect(nextTask(lease, [])).toBeUndefined();
    expect(nextTask(lease, [later(), later({ ranges: [{ from: 10, to: 11, attempt: 1 }] })])).toBeUndefined();
  });

  test("a page may name the next task for a second, and fifty times, while the row allows it", () => {
    const at = (seq: number): Engine => ({ ...shown, session: { ...session, seq } });
    expect(mayNameNext(shown, at(3), 1999)).toBe(true);
    expect(mayNameNext(shown, at(3), 2000)).toBe(false);
    expect(mayNameNext(shown, at(52), 1500)).toBe(true);
    expect(mayNameNext(shown, at(53), 1500)).toBe(false);
    for (const change of [{ linked: undefined }, { closed: true }, { session: undefined }])
      expect(mayNameNext({ ...shown, ...change }, at(3), 1500)).toBe(false);
    expect(mayNameNext(shown, { ...at(3), parked: [lease] }, 1500)).toBe(false);
  });

  test("only engines with one task at a time take their tasks by pages", () => {
    expect(takesByPages(1, [lease])).toBe(true);
    expect(takesByPages(1, [])).toBe(false);
    expect(takesByPages(2, [lease])).toBe(false);
    expect(takesByPages("adaptive", [lease])).toBe(false);
  });

  test("each lease in between counts as one completed task", () => {
    const engine = withNamedLease(shown, { seq: 8, next: 20, assigned: 1234 });
    expect(engine).toMatchObject({ completed: 10, assigned: 1234, session: { seq: 8 } });
    expect(engine.leases).toEqual([{ ...lease, ranges: [{ from: 20, to: 21, attempt: 1 }] }]);
  });
});
