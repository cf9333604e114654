import { expect, test } from "vitest";
import { RunTime } from "../../lambdas/core/run-time.ts";

test("run time counts invocations only, the present one until now, and each millisecond once", () => {
  let now = 100;
  const time = new RunTime(() => now);
  expect(time.take()).toBe(0);
  time.begin();
  now += 30;
  expect(time.take()).toBe(30);
  now += 5;
  time.end();
  now += 1000;
  time.begin();
  now += 7;
  time.end();
  now += 1000;
  expect(time.take()).toBe(12);
  expect(time.take()).toBe(0);
});

test("a clock that goes back takes no time away", () => {
  let now = 100;
  const time = new RunTime(() => now);
  time.begin();
  now -= 50;
  time.end();
  expect(time.take()).toBe(0);
});
