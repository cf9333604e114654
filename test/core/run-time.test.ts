import { expect, test } from "vitest";
import { RunTime } from "../../lambdas/core/run-time.ts";

test("run time counts invocations only, the present one until now, and each millisecond once", async () => {
  let now = 100;
  const time = new RunTime(() => now);
  expect(time.take()).toBe(0);
  await time.during(async () => {
    now += 30;
    expect(time.take()).toBe(30);
    now += 5;
  });
  now += 1000;
  await expect(
    time.during(async () => {
      now += 7;
      throw new Error("failed");
    }),
  ).rejects.toThrow("failed");
  now += 1000;
  expect(time.take()).toBe(12);
  expect(time.take()).toBe(0);
});

test("a clock that goes back takes no time away", async () => {
  let now = 100;
  const time = new RunTime(() => now);
  await time.during(async () => {
    now -= 50;
  });
  expect(time.take()).toBe(0);
});
