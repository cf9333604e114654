import { describe, expect, it } from "vitest";
import { Deciles, spreadOf } from "../../bench/scale/deciles.ts";

describe("deciles of a run", () => {
  it("each decile has the rate of its own tenth of the results", () => {
    let now = 0;
    const deciles = new Deciles(100, () => now);
    for (let at = 0; at < 100; at++) {
      now += at < 50 ? 10 : 20;
      deciles.arrive();
    }
    expect(deciles.rates().map(Math.round)).toEqual([100, 100, 100, 100, 100, 50, 50, 50, 50, 50]);
    expect(spreadOf(deciles.rates())).toBeCloseTo(2);
  });

  it("the first decile does not count, because engines start in it", () => {
    expect(spreadOf([1, 50, 50, 60])).toBeCloseTo(1.2);
  });

  it("results that arrive together may end several deciles", () => {
    let now = 0;
    const deciles = new Deciles(10, () => now);
    now = 100;
    deciles.arrive(3);
    expect(deciles.rates().length).toBe(3);
  });
});
