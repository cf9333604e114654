import fc from "fast-check";
import { expect, test } from "vitest";
import { AwsChunkedDecoder } from "../../client/local/s3/protocol/aws-chunked.ts";

/** Decodes a body that arrives in pieces of these sizes. */
function decoded(body: string, sizes: readonly number[] = []): { data: string; trailers: Record<string, string> } {
  const decoder = new AwsChunkedDecoder();
  const bytes = Buffer.from(body, "latin1");
  const data: Buffer[] = [];
  let at = 0;
  for (const size of [...sizes, bytes.length]) {
    data.push(...decoder.decode(bytes.subarray(at, at + size)));
    at += size;
  }
  decoder.end();
  return { data: Buffer.concat(data).toString("latin1"), trailers: Object.fromEntries(decoder.trailers) };
}

const TRAILERS = "x-amz-checksum-crc32:AAAAAA==\r\nx-amz-trailer-signature:abc\r\n\r\n";

test("chunks are decoded, wherever the pieces of the body end", () => {
  const chunk = fc.string({ unit: fc.constantFrom("a", "\r", "\n", "0", ";"), minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(fc.array(chunk), fc.boolean(), fc.array(fc.integer({ min: 1, max: 9 })), (chunks, isSigned, sizes) => {
      const signature = isSigned ? `;chunk-signature=${"f".repeat(64)}` : "";
      const body = chunks.map((one) => `${one.length.toString(16)}${signature}\r\n${one}\r\n`).join("");
      expect(decoded(`${body}0${signature}\r\n${TRAILERS}`, sizes)).toEqual({
        data: chunks.join(""),
        trailers: { "x-amz-checksum-crc32": "AAAAAA==", "x-amz-trailer-signature": "abc" },
      });
    }),
    { seed: 3, numRuns: 500 },
  );
});

test("a body without its last chunk is incomplete", () => {
  for (const body of ["", "5\r\nab", "2\r\nab", "2\r\nab\r\n", "2\r\nab\r\n0", "0\r\nx-amz-checksum"])
    expect(() => decoded(body)).toThrow(/number of bytes/);
});

test("a body without chunks is refused, and an endless line is not buffered", () => {
  const bodies = [
    "hello\r\n",
    "2\r\nabc\r\n0\r\n\r\n",
    "-1\r\n",
    "2\nab",
    `${"1".repeat(9_000)}`,
    "0\r\nno trailer\r\n\r\n",
    "0\r\n\r\nmore",
  ];
  for (const body of bodies) expect(() => decoded(body)).toThrow(/not valid aws-chunked/);
});

test("a trailer may have white space around its name and value, and much of it takes no longer", () => {
  expect(decoded("0\r\nx-a \t: b c \r\n\r\n").trailers).toEqual({ "x-a": "b c" });
  expect(() => decoded("0\r\n: b\r\n\r\n")).toThrow("aws-chunked");
  const tabs = "\t".repeat(2_000);
  const begun = performance.now();
  expect(() => decoded(`0\r\na:${tabs}b\rc${tabs}\r\n\r\n`)).toThrow("aws-chunked");
  expect(performance.now() - begun).toBeLessThan(500);
});
