import { expect, test } from "vitest";
import * as errors from "../../lambdas/protocol/error-classes.ts";

const CLASSES = Object.entries(errors);

test.each(CLASSES)("%s is a FantailError whose stable code is its name", (name, made) => {
  expect(made === errors.FantailError || made.prototype instanceof errors.FantailError).toBe(true);
  expect([made.name, made.code]).toEqual([name, name]);
});

test("nothing else is among the classes of errors", () => {
  expect(CLASSES.length).toBeGreaterThan(25);
  expect(CLASSES.every(([, made]) => typeof made === "function")).toBe(true);
});
