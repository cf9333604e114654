import { expect, test } from "vitest";
import { lengthAfter, type TaskLength } from "../../lambdas/core/task-length.ts";

test.each<[string, TaskLength | undefined, number, number, TaskLength]>([
  ["the first lease sets the mean", undefined, 50, 10, { meanMs: 5, weight: 10 }],
  ["a second lease is weighted by its number of tasks", { meanMs: 5, weight: 10 }, 150, 10, { meanMs: 10, weight: 20 }],
  ["earlier leases count for 64 tasks at most", { meanMs: 1, weight: 60 }, 640, 32, { meanMs: 10.5, weight: 64 }],
  [
    "one long task that is reported alone changes the mean little, and leaves its weight",
    { meanMs: 1, weight: 150 },
    65,
    1,
    { meanMs: 2, weight: 64 },
  ],
  ["a lease of more than 64 tasks replaces the mean", { meanMs: 1, weight: 60 }, 700, 70, { meanMs: 10, weight: 70 }],
])("%s", (_, before, lastedMs, tasks, after) => {
  expect(lengthAfter(before, lastedMs, tasks)).toEqual(after);
});
