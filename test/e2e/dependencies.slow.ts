import { expect, test } from "vitest";
import { TestCluster } from "./a-cluster.ts";

const cluster = new TestCluster();
const view = () => cluster.client.loadBalancedView();

test("a large result is sent once to a lease of tasks that take it, and tasks that do not fit are in the next lease", {
  timeout: 120_000,
}, async () => {
  const words = view().map(
    (x: number) => `${x}`.repeat(800),
    Array.from({ length: 900 }, (_, at) => 100 + at),
  );
  const lengths = await view().map(
    (all: string[]) => all.length,
    Array.from({ length: 10 }, () => words),
  );
  expect(new Set(lengths)).toEqual(new Set([900]));
  const halves = [0, 1, 2].map((half) =>
    view().map(
      (x: number) => `${half}${x}`.repeat(700),
      Array.from({ length: 600 }, (_, at) => 100 + at),
    ),
  );
  expect(await view().map((all: string[]) => all.length, halves)).toEqual([600, 600, 600]);
  await expect(view().apply((...all: string[][]) => all.length, ...halves)).rejects.toThrow(/the limit of 3500000/);
});
