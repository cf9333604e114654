import { describe, expect, test } from "vitest";
import { fitLease } from "../../lambdas/core/placing/lease-span.ts";
import { fullLoad, roomUnder } from "../../lambdas/core/placing/room.ts";
import { LEASE_SPAN } from "../../lambdas/protocol/spec-page.ts";

const ANY = Number.POSITIVE_INFINITY;

describe("room under the high-water mark", () => {
  test.each([
    ["adaptive", 0, ANY],
    ["adaptive", 1, 0],
    ["adaptive", 500, 0],
    [0, 0, ANY],
    [0, 500, ANY],
    [1, 0, 1],
    [1, 1, 0],
    [4, 1, 3],
    [4, 4, 0],
    [4, 9, 0],
  ] as const)("hwm %s leaves an engine with %d tasks room for %d more", (hwm, load, room) => {
    expect(roomUnder(hwm, load)).toBe(room);
    expect(load < fullLoad(hwm)).toBe(room > 0);
  });
});

describe("the span of a lease", () => {
  test("one lease holds only tasks within the span of its first, in any order", () => {
    expect(fitLease([])).toBe(true);
    expect(fitLease([[7, 7 + LEASE_SPAN]])).toBe(true);
    expect(fitLease([[7, 8 + LEASE_SPAN]])).toBe(false);
    expect(
      fitLease([
        [7 + LEASE_SPAN - 1, 7 + LEASE_SPAN],
        [7, 8],
      ]),
    ).toBe(true);
    expect(
      fitLease([
        [7 + LEASE_SPAN, 8 + LEASE_SPAN],
        [7, 8],
      ]),
    ).toBe(false);
  });
});
