import { expect, test } from "vitest";
import { lengthAfter, type TaskLength } from "../../lambdas/core/task-length.ts";

test.each<[string, TaskLength | undefined, number, number, TaskLength]>([
  ["the first lease sets the mean", undefined, 50, 10, { meanMs: 5, reliable: 10, weight: 10 }],
  [
    "a second lease is weighted by its number of tasks",
    { meanMs: 5, reliable: 10, weight: 10 },
    150,
    10,
    { meanMs: 10, reliable: 10, weight: 20 },
  ],
  [
    "earlier leases count for 64 tasks at most",
    { meanMs: 1, reliable: 60, weight: 60 },
    640,
    32,
    { meanMs: 10.5, reliable: 64, weight: 64 },
  ],
  [
    "one long task that is reported alone changes an established mean little, which stays reliable",
    { meanMs: 1, reliable: 150, weight: 150 },
    65,
    1,
    { meanMs: 2, reliable: 64, weight: 64 },
  ],
  [
    "a lease of more than 64 tasks replaces the mean",
    { meanMs: 1, reliable: 60, weight: 60 },
    700,
    70,
    { meanMs: 10, reliable: 70, weight: 70 },
  ],
])("%s", (_, before, lastedMs, tasks, after) => {
  expect(lengthAfter(before, lastedMs, tasks)).toEqual(after);
});
