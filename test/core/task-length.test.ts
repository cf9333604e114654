import { expect, test } from "vitest";
import { lengthAfter, type TaskLength } from "../../lambdas/core/task-length.ts";

test.each<[string, TaskLength | undefined, number, number, TaskLength]>([
  ["the first lease is the mean", undefined, 50, 10, { meanMs: 5, tasks: 10, weight: 10 }],
  [
    "a second one is weighed by its tasks",
    { meanMs: 5, tasks: 10, weight: 10 },
    150,
    10,
    { meanMs: 10, tasks: 10, weight: 20 },
  ],
  [
    "what is known counts for 64 tasks at most",
    { meanMs: 1, tasks: 60, weight: 60 },
    640,
    32,
    { meanMs: 10.5, tasks: 32, weight: 64 },
  ],
  [
    "a lease of more tasks than that is all that counts",
    { meanMs: 1, tasks: 60, weight: 60 },
    700,
    70,
    { meanMs: 10, tasks: 70, weight: 70 },
  ],
])("%s", (_, before, lastedMs, tasks, after) => {
  expect(lengthAfter(before, lastedMs, tasks)).toEqual(after);
});
