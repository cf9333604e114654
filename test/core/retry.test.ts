import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { afterAttempt, backoffMs } from "../../lambdas/core/retry.ts";
import type { EncodedError, EntryStatus } from "../../lambdas/protocol/outcome-page.ts";

function failed(ename = "Error", code: EncodedError["code"] = "RemoteError") {
  return { status: "error" as const, error: { code, ename, evalue: "" } };
}

describe("after an attempt", () => {
  const now = 1000;
  const half = () => 0.5;

  test("a task is tried again after a failure while retries are left", () => {
    for (const status of ["error", "lost"] as const) {
      const outcome = { ...failed(), status };
      expect(afterAttempt(outcome, 1, { retries: 2 }, now, half)).toEqual({ final: false, due: undefined });
      expect(afterAttempt(outcome, 2, { retries: 2 }, now, half)).toEqual({ final: false, due: undefined });
      expect(afterAttempt(outcome, 3, { retries: 2 }, now, half)).toEqual({ final: true });
      expect(afterAttempt(outcome, 1, {}, now, half)).toEqual({ final: true });
    }
  });

  test("a task is not tried again after a success, an abort, or the end of its time", () => {
    const timeout = { status: "timeout" as EntryStatus, error: failed("TaskTimeout", "TaskTimeout").error };
    for (const outcome of [{ status: "ok" as const }, { status: "aborted" as const }, timeout])
      expect(afterAttempt(outcome, 1, { retries: 5 }, now, half)).toEqual({ final: true });
  });

  test("a task is tried again after an attempt that ran too long", () => {
    const outcome = { status: "timeout" as const, error: failed("RunTimeout", "RunTimeout").error };
    expect(afterAttempt(outcome, 1, { retries: 1 }, now, half)).toEqual({ final: false, due: undefined });
  });

  test("retryOn names the errors that are retried", () => {
    const flags = { retries: 1, retryOn: ["TimeoutError"] };
    expect(afterAttempt(failed("TimeoutError"), 1, flags, now, half)).toMatchObject({ final: false });
    expect(afterAttempt(failed("TypeError"), 1, flags, now, half)).toEqual({ final: true });
    expect(afterAttempt({ status: "lost" }, 1, flags, now, half)).toEqual({ final: true });
    expect(
      afterAttempt(
        { ...failed("EngineError"), status: "lost" },
        1,
        { retries: 1, retryOn: ["EngineError"] },
        now,
        half,
      ),
    ).toMatchObject({ final: false });
  });

  test("backoff sets when the next attempt begins", () => {
    const backoff = { initialMs: 100, factor: 2, jitter: false };
    expect(afterAttempt(failed(), 3, { retries: 9, backoff }, now, half)).toEqual({ final: false, due: 1400 });
  });
});

describe("backoff", () => {
  test("backoff grows by its factor up to its maximum", () => {
    const backoff = { initialMs: 100, factor: 3, maxMs: 1000, jitter: false };
    expect([1, 2, 3, 4].map((attempt) => backoffMs(backoff, attempt, Math.random))).toEqual([100, 300, 900, 1000]);
    expect(backoffMs({ initialMs: 0, factor: 2, jitter: true }, 5, Math.random)).toBe(0);
  });

  test("backoff with jitter is drawn from the upper half of the wait", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100_000 }),
        fc.integer({ min: 1, max: 60 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (initialMs, attempt, chance) => {
          const plain = backoffMs({ initialMs, factor: 2, maxMs: 3_600_000, jitter: false }, attempt, () => chance);
          const jittered = backoffMs({ initialMs, factor: 2, maxMs: 3_600_000, jitter: true }, attempt, () => chance);
          expect(Number.isSafeInteger(jittered)).toBe(true);
          expect(jittered).toBeGreaterThanOrEqual(Math.floor(plain / 2));
          expect(jittered).toBeLessThanOrEqual(plain);
        },
      ),
    );
  });
});
