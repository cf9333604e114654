import { describe, expect, it } from "vitest";
import { fieldOf, UnreadableField } from "../../lambdas/protocol/unreadable-field.ts";

describe("a field that is read", () => {
  it("a readable field is described by its value", () => {
    expect(fieldOf({ a: 1 }, "a")).toBe(1);
    expect(fieldOf({}, "a")).toBe(undefined);
  });

  it.each([
    [new TypeError("no such thing"), "no such thing"],
    ["a text", "a text"],
  ])("a field that throws %s when read is described by that", (thrown, reason) => {
    const value = {
      get a() {
        throw thrown;
      },
    };
    expect(fieldOf(value, "a")).toEqual(new UnreadableField(reason));
  });
});
