import { expect, test } from "vitest";
import { gatheredPage } from "../../lambdas/core/gathered-page.ts";

const f = { code: "a".repeat(64), at: "table" as const, name: "f" };
const g = { deployed: "g" };

test("a page lists each function once, and each task refers to its function by index", () => {
  expect(
    gatheredPage([
      { fn: f, args: "J[1]" },
      { fn: g, args: "J[2]" },
      { fn: { ...f }, args: "J[3]" },
    ]),
  ).toEqual({
    functions: [f, g],
    tasks: [
      [0, "J[1]"],
      [1, "J[2]"],
      [0, "J[3]"],
    ],
  });
});

test("functions with equal code and different captured values are listed separately", () => {
  const page = gatheredPage([
    { fn: { ...f, data: "J1" }, args: "J[]" },
    { fn: { ...f, data: "J2" }, args: "J[]" },
  ]);
  expect(page.functions).toHaveLength(2);
});

test("a page without tasks is empty", () => {
  expect(gatheredPage([])).toEqual({ functions: [], tasks: [] });
});
