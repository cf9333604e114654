import { createHash } from "node:crypto";
import { decodeValue, encodeValue } from "../protocol/codec.ts";
import { type EncodedValue, INLINE_BYTES } from "../protocol/function-reference.ts";
import type { TaskArguments } from "../protocol/spec-page.ts";

type FetchBlob = (hash: string, bytes: number) => Promise<Uint8Array>;

/** The value behind its encoding: at once when it is inline, else as a promise. */
export function decodeEncoded(encoded: EncodedValue, fetchBlob: FetchBlob): unknown {
  if (typeof encoded === "string") return decodeValue(encoded);
  return fetchBlob(encoded.blob, encoded.bytes).then(decodeValue);
}

/** A task's argument list; in a chunked map its items' argument lists. At once when all is inline. */
export function decodeArguments(args: TaskArguments, fetchBlob: FetchBlob): unknown[] | Promise<unknown[]> {
  if (typeof args === "string") return decodeValue(args) as unknown[];
  if (args.every((arg) => typeof arg === "string")) return args.map((arg) => decodeEncoded(arg, fetchBlob));
  return Promise.all(args.map((arg) => decodeEncoded(arg, fetchBlob)));
}

/** Each blob among the arguments. */
export function* blobsOf(args: TaskArguments): Generator<{ blob: string; bytes: number }> {
  if (typeof args === "string") return;
  for (const arg of args) if (typeof arg !== "string") yield arg;
}

/**
 * Encodes a result. What is too long for a page is added to `blobs`, to be stored before the value is told.
 *
 * @throws CodecError when it cannot be encoded
 */
export function encodeResult(value: unknown, blobs: Uint8Array[]): EncodedValue {
  return asEncoded(encodeValue(value, "result"), blobs);
}

/** A value that is text already, such as a list of item outcomes. */
export function encodeText(text: string, blobs: Uint8Array[]): EncodedValue {
  const short = text.length <= INLINE_BYTES && Buffer.byteLength(text) <= INLINE_BYTES;
  return asEncoded(short ? text : Buffer.from(text), blobs);
}

function asEncoded(encoded: string | Uint8Array, blobs: Uint8Array[]): EncodedValue {
  if (typeof encoded === "string") return encoded;
  blobs.push(encoded);
  return { blob: createHash("sha256").update(encoded).digest("hex"), bytes: encoded.byteLength };
}
