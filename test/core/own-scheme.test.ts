import { describe, expect, test } from "vitest";
import { placeByOwn } from "../../lambdas/core/placing/own-scheme.ts";
import type { Scheme } from "../../lambdas/core/placing/scheme.ts";

const engines = (...loads: number[]) => loads.map((load, id) => ({ id, load }));
const first = () => 0;

describe("a user's own scheme", () => {
  test("a user's own scheme sees all loads, least recently assigned first", () => {
    const seen: (readonly number[])[] = [];
    const second: Scheme = (loads) => {
      seen.push(loads);
      return 1;
    };
    const placement = placeByOwn(second)(engines(5, 6, 7), 100, first);
    expect([1, 1, 1].map((tasks) => placement.place(tasks)?.id)).toEqual([1, 2, 1]);
    expect(seen).toEqual([
      [5, 6, 7],
      [5, 7, 7],
      [5, 7, 8],
    ]);
  });

  test("a user's own scheme gets the scheduler's random numbers", () => {
    const drawn: Scheme = (loads, random) => Math.floor(random() * loads.length);
    expect(placeByOwn(drawn)(engines(0, 0, 0), 9, () => 0.99).place(1)?.id).toBe(2);
  });

  test("a user's own scheme is not offered a full engine", () => {
    const placement = placeByOwn(first)(engines(0, 0), 2, first);
    expect([2, 1, 1, 1].map((tasks) => placement.place(tasks)?.id)).toEqual([0, 1, 1, undefined]);
    expect(placement.hasRoom()).toBe(false);
  });

  test("a user's own scheme cannot change the loads by changing its list", () => {
    const spoiling = (loads: readonly number[]) => {
      Reflect.set(loads, 0, -100);
      return expect.fail("a user's mistake");
    };
    expect(placeByOwn(spoiling)(engines(3, 2), 9, first).place(1)).toEqual({ id: 1, load: 3 });
  });

  test.each<[string, Scheme]>([
    ["throws", () => expect.fail("a user's mistake")],
    ["returns an index that is too high", (loads) => loads.length],
    ["returns a negative index", () => -1],
    ["returns a fraction", () => 0.5],
    ["returns NaN", () => Number.NaN],
  ])("leastload chooses if a user's own scheme %s", (_, scheme) => {
    const placement = placeByOwn(scheme)(engines(2, 0, 1), 9, first);
    expect([1, 1, 1].map((tasks) => placement.place(tasks)?.id)).toEqual([1, 2, 1]);
  });
});
