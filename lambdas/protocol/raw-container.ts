import { damagedValue } from "./written-parts.ts";

/**
 * Packs text and binary segments into one byte sequence: tag, length of the header, header (JSON of the segments'
 * lengths and the text), segments. Packing copies the segments once, and so does unpacking.
 */
export function packRaw(tag: number, text: string, segments: readonly ArrayBuffer[]): Uint8Array {
  const header = Buffer.from(JSON.stringify([segments.map((segment) => segment.byteLength), text]));
  const total = segments.reduce((sum, segment) => sum + segment.byteLength, PREFIX + header.length);
  const bytes = Buffer.allocUnsafeSlow(total);
  bytes[0] = tag;
  bytes.writeUInt32LE(header.length, 1);
  bytes.set(header, PREFIX);
  let at = PREFIX + header.length;
  for (const segment of segments) {
    bytes.set(new Uint8Array(segment), at);
    at += segment.byteLength;
  }
  return bytes;
}

/**
 * The inverse of `packRaw`. The segments are copies.
 *
 * @throws FantailError, before it allocates memory, if the lengths in the header are not those of the bytes
 */
export function unpackRaw(packed: Uint8Array): { text: string; segments: ArrayBuffer[] } {
  const bytes = Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength);
  if (bytes.length < PREFIX) throw damagedValue("it has no header");
  let at = PREFIX + bytes.readUInt32LE(1);
  const [lengths, text] = headerIn(bytes.toString("utf8", PREFIX, at));
  if (lengths.reduce((sum, length) => sum + length, at) !== bytes.length)
    throw damagedValue("its segments are incomplete");
  const segments = lengths.map((length) => {
    const segment = new Uint8Array(length);
    segment.set(bytes.subarray(at, at + length));
    at += length;
    return segment.buffer;
  });
  return { text, segments };
}

function headerIn(text: string): [lengths: number[], text: string] {
  const header: unknown = JSON.parse(text);
  if (Array.isArray(header)) {
    const [lengths, body]: unknown[] = header;
    if (Array.isArray(lengths) && lengths.every(isCount) && typeof body === "string") return [lengths, body];
  }
  throw damagedValue("its header is damaged");
}

function isCount(length: unknown): length is number {
  return Number.isInteger(length) && Number(length) >= 0;
}

/** Length of the tag and the header's length field. */
const PREFIX = 5;
