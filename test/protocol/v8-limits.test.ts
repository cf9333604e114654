import { expect, test } from "vitest";
import { isStackOverflow, isStringTooLong } from "../../lambdas/protocol/v8-limits.ts";

function thrownBy(fails: () => unknown): unknown {
  try {
    fails();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

const deep = (): number => 1 + deep();
const half = () => "x".repeat(2 ** 28);

test.each<[string, () => unknown, boolean, boolean]>([
  ["a recursion without end", deep, true, false],
  ["a string of 512 MB", () => half() + half(), false, true],
  ["an array of a negative length", () => new Array(-1), false, false],
  ["a property of undefined", () => (undefined as unknown as { x: 1 }).x, false, false],
])("the limit that an error reports is recognized by its message: %s", (_, fails, overflows, isTooLong) => {
  const error = thrownBy(fails);
  expect([isStackOverflow(error), isStringTooLong(error)]).toEqual([overflows, isTooLong]);
});
