import { expect, test } from "vitest";
import { SessionPace } from "../../lambdas/engine/rules/session-pace.ts";

test("a session has no pace before its first measurement", () => {
  expect(new SessionPace().of("a")).toEqual({ meanMs: undefined, roundTripMs: undefined });
});

test("the first measurements of a session's pace count in full, and later ones change the mean less and less", () => {
  const pace = new SessionPace();
  for (const ms of [10, 20, 30]) pace.ran("a", ms);
  expect(pace.of("a").meanMs).toBe(20);
  for (let task = 0; task < 100; task++) pace.ran("a", 20);
  pace.ran("a", 20 + 32);
  expect(pace.of("a").meanMs).toBeCloseTo(21);
});

test("run times are averaged per job, and round trips over the whole session", () => {
  const pace = new SessionPace();
  pace.ran("a", 10);
  pace.answered(30);
  expect(pace.of("b")).toEqual({ meanMs: undefined, roundTripMs: 30 });
  pace.ran("b", 4);
  expect(pace.of("b").meanMs).toBe(4);
  expect(pace.of("a").meanMs).toBeUndefined();
});
