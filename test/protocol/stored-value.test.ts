import { describe, expect, it } from "vitest";
import { isStored, storedKey } from "../../lambdas/protocol/stored-value.ts";

const blob = { blob: "a".repeat(64), bytes: 9 };
const packed = { pack: "p".repeat(22), at: 0, bytes: 9, sum: "s".repeat(22) };

describe("a stored value", () => {
  it("a stored value is distinguished from other parts of arguments", () => {
    expect([blob, packed].map(isStored)).toEqual([true, true]);
    const others = [{ result: [] }, { value: packed, results: [] }, { given: 0 }, [], ["J1"]];
    expect(others.map(isStored)).toEqual(others.map(() => false));
  });

  it("stored values with the same content are equal wherever they are stored", () => {
    expect(storedKey(packed)).toBe(storedKey({ ...packed, pack: "q".repeat(22), at: 7 }));
    expect(storedKey(blob)).not.toBe(storedKey(packed));
  });
});
