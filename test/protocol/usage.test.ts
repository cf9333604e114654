import { describe, expect, test } from "vitest";
import { bodyWithUsage, packOutcomePage, unpackOutcomePage } from "../../lambdas/protocol/packed-page.ts";
import { addUsage, isPackedUsage, noUsage, packUsage, unpackUsage } from "../../lambdas/protocol/usage.ts";

describe("usage", () => {
  test("packs into a list without the zeros at its end, and unpacks again", () => {
    const used = { ...noUsage(), invocations: 2, armGbMs: 12.345, writeUnits: 3 };
    const packed = packUsage(used);
    expect(packed).toEqual([2, 12.35, 0, 3]);
    expect(isPackedUsage(packed)).toBe(true);
    expect(isPackedUsage([1, "2"])).toBe(false);
    expect(unpackUsage(packed ?? [])).toEqual({ ...used, armGbMs: 12.35 });
    expect(packUsage(noUsage())).toBeUndefined();
  });

  test("is added to the body of an outcome page", () => {
    const page = { revoked: false, received: 9, entries: [] };
    const row = { pk: "p", sk: "s", body: bodyWithUsage(packOutcomePage(page), [1, 2]) };
    expect(unpackOutcomePage(row)).toMatchObject({ ...page, used: [1, 2] });
  });

  test("ignores counts of a later version", () => {
    expect(unpackUsage([1, 0, 0, 0, 0, 0, 0, 0, 99])).toEqual({ ...noUsage(), invocations: 1 });
  });

  test("adds a whole usage, or a share of it", () => {
    const sum = noUsage();
    addUsage(sum, { ...noUsage(), gets: 4 });
    addUsage(sum, { ...noUsage(), gets: 4, puts: 2 }, 0.5);
    expect(sum).toEqual({ ...noUsage(), gets: 6, puts: 1 });
  });
});
