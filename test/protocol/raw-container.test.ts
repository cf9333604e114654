import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FantailError } from "../../lambdas/protocol/fantail-error.ts";
import { packRaw, unpackRaw } from "../../lambdas/protocol/raw-container.ts";
import { propertyRuns } from "../property-runs.ts";
import { unicodeText } from "../unicode-text.ts";

const bytes = (...values: number[]) => Uint8Array.from(values).buffer;

describe("text and segments in one byte sequence", () => {
  test("text and segments are encoded as a tag, the header's length, the header, and the segments", () => {
    const packed = packRaw(7, "é", [bytes(1, 2), bytes(), bytes(3)]);
    const header = Buffer.from('[[2,0,1],"é"]');
    expect([...packed]).toEqual([7, header.length, 0, 0, 0, ...header, 1, 2, 3]);
  });

  test("text and segments are decoded unchanged, wherever in a larger buffer the bytes are", () => {
    const segments = fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 5 });
    fc.assert(
      fc.property(unicodeText(), segments, fc.nat(9), (text, given, before) => {
        const packed = packRaw(
          1,
          text,
          given.map((one) => one.slice().buffer),
        );
        const larger = new Uint8Array(before + packed.length + 3).fill(255);
        larger.set(packed, before);
        const read = unpackRaw(larger.subarray(before, before + packed.length));
        expect(read.text).toBe(text);
        expect(read.segments.map((one) => Buffer.from(one).toString("hex"))).toEqual(
          given.map((one) => Buffer.from(one).toString("hex")),
        );
      }),
      { numRuns: propertyRuns(30) },
    );
  });

  test("decoded segments are copies, so that changing one changes nothing else", () => {
    const packed = packRaw(1, "", [bytes(1)]);
    const [segment = bytes()] = unpackRaw(packed).segments;
    new Uint8Array(segment)[0] = 9;
    expect(packed.at(-1)).toBe(1);
  });

  test("bytes that are shorter than their header says are refused, whatever size it names", () => {
    const packed = packRaw(1, "", [bytes(1)]);
    for (const length of [0, 4, 5, packed.length - 1])
      expect(() => unpackRaw(packed.subarray(0, length))).toThrow(length === packed.length - 1 ? FantailError : /./);
    const header = Buffer.from('[[2000000000],""]');
    const huge = new Uint8Array([1, header.length, 0, 0, 0, ...header]);
    expect(() => unpackRaw(huge)).toThrow("its segments are incomplete");
    expect(() => unpackRaw(new Uint8Array(2))).toThrow("it has no header");
  });

  test.each([
    ['{"a":1}'],
    ["[[1]]"],
    ['[1,"text"]'],
    ['[["1"],"text"]'],
    ['[[-1],"text"]'],
    ['[[0.5],"text"]'],
    ["[[1],2]"],
  ])("bytes with the header %s are refused", (header) => {
    const packed = new Uint8Array([1, header.length, 0, 0, 0, ...Buffer.from(header), 5]);
    expect(() => unpackRaw(packed)).toThrow(FantailError);
    expect(() => unpackRaw(packed)).toThrow("its header is damaged");
  });
});
