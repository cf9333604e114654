import { describe, expect, it } from "vitest";
import { shortReason } from "../../lambdas/protocol/short-reason.ts";

describe("the reason of a failure", () => {
  it.each([
    [new RangeError("too far\nby a mile"), "RangeError: too far"],
    ["Unhandled", "Unhandled"],
    ["", ""],
    [`${"x".repeat(301)}`, "x".repeat(300)],
  ])("the reason of %o is the first line, cut to 300 characters", (failure, reason) => {
    expect(shortReason(failure)).toBe(reason);
  });
});
