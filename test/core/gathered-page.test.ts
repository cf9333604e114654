import { expect, test } from "vitest";
import { gatheredPage } from "../../lambdas/core/gathered-page.ts";

const f = { code: "a".repeat(64), at: "table" as const, name: "f" };
const g = { deployed: "g" };

test("each function is on the page once, and each task names the place of its function", () => {
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

test("functions of one code that captured other values are two", () => {
  const page = gatheredPage([
    { fn: { ...f, data: "J1" }, args: "J[]" },
    { fn: { ...f, data: "J2" }, args: "J[]" },
  ]);
  expect(page.functions).toHaveLength(2);
});

test("a page of no tasks is empty", () => {
  expect(gatheredPage([])).toEqual({ functions: [], tasks: [] });
});
