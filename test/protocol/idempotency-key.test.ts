import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { keyedJobId } from "../../lambdas/protocol/idempotency-key.ts";

const hash = (...first: number[]) => Uint8Array.from({ length: 32 }, (_, at) => first[at] ?? 0);

describe("the job id of an idempotency key", () => {
  test.each<[string, Uint8Array, string]>([
    ["is all zeros for a hash of zeros", hash(), "0".repeat(26)],
    ["is all Z for a hash of ones", new Uint8Array(32).fill(255), "Z".repeat(26)],
    ["has five bits in each digit, the highest first", hash(0b00001_000, 0b10_00011_0), `123${"0".repeat(23)}`],
    [
      "has no letter that looks like a digit",
      hash(0b10010_100, 0b10_10100_1, 0b0101_1011, 0b1_0000000),
      `JJMNQ${"0".repeat(21)}`,
    ],
  ])("the job id of an idempotency key %s", (_, bytes, id) => {
    expect(keyedJobId(bytes)).toBe(id);
  });

  test("the job id of an idempotency key is the hash's first 130 bits", () => {
    const bits = (bytes: Uint8Array) => Array.from(bytes, (byte) => byte.toString(2).padStart(8, "0")).join("");
    const digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 17, maxLength: 32 }), (bytes) => {
        const read = Array.from(keyedJobId(bytes), (digit) => digits.indexOf(digit).toString(2).padStart(5, "0"));
        expect(read.join("")).toBe(bits(bytes).slice(0, 130));
      }),
    );
  });
});
