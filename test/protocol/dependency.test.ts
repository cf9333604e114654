import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { DependencyAtRest, WaitGroup } from "../../lambdas/protocol/dependency.ts";

const on = [["01J", 0, 3]];
const dependency = { on, all: true, success: true, failure: false };
const group = { from: 0, to: 2, after: [dependency] };

describe("a dependency in its encoded form", () => {
  test.each<[string, unknown]>([
    ["on a range of a job", dependency],
    ["on tasks of the dependent's own job", { ...dependency, on: [["", 0, 1]] }],
    ["on the highest index", { ...dependency, on: [["01J", 99_999_999, 99_999_999]] }],
  ])("a dependency may be %s", (_, given) => {
    expect(v.safeParse(DependencyAtRest, given)).toMatchObject({ success: true, output: given });
  });

  test.each<[string, unknown]>([
    ["is on nothing", { ...dependency, on: [] }],
    ["has a range without an end", { ...dependency, on: [["01J", 0]] }],
    ["has a range with more than a start and an end", { ...dependency, on: [["01J", 0, 1, 2]] }],
    ["has a fraction for an index", { ...dependency, on: [["01J", 0.5, 1]] }],
    ["has a negative index", { ...dependency, on: [["01J", -1, 1]] }],
    ["has an index beyond the highest", { ...dependency, on: [["01J", 0, 100_000_000]] }],
    ["does not say which outcomes meet it", { on, all: true, success: true }],
    ["has an unknown field", { ...dependency, any: true }],
  ])("a dependency is refused if it %s", (_, given) => {
    expect(v.is(DependencyAtRest, given)).toBe(false);
  });
});

describe("a group of tasks with the same dependencies", () => {
  test.each<[string, unknown, boolean]>([
    ["waits for each of `after`", group, true],
    ["may have no `after`, only `follow`", { from: 0, to: 1, after: [], follow: dependency }, true],
    ["may take results, and may be known to be invalid", { ...group, takes: true, invalid: "why" }, true],
    ["needs `after`", { from: 0, to: 1, follow: dependency }, false],
    ["has whole numbers for its tasks", { ...group, to: 1.5 }, false],
    ["follows one dependency, not several", { ...group, follow: [dependency] }, false],
    ["has no other fields", { ...group, before: [] }, false],
  ])("a group of tasks with the same dependencies %s", (_, given, isValid) => {
    expect(v.is(WaitGroup, given)).toBe(isValid);
  });
});
