import { createHash } from "node:crypto";
import { decodeValue, encodeValue, type NameLookup } from "../protocol/codec.ts";
import { PayloadTooLarge } from "../protocol/errors.ts";
import { type EncodedValue, INLINE_BYTES } from "../protocol/function-reference.ts";
import type { ItemOutcome } from "../protocol/outcome-page.ts";
import type { GrantedArguments, ResultValues } from "../protocol/spec-page.ts";

type FetchBlob = (hash: string, bytes: number) => Promise<Uint8Array>;

/** The value behind its encoding: at once when it is inline, else as a promise. */
export function decodeEncoded(encoded: EncodedValue, fetchBlob: FetchBlob, lookup?: NameLookup): unknown {
  if (typeof encoded === "string") return decodeValue(encoded, lookup);
  return fetchBlob(encoded.blob, encoded.bytes).then((bytes) => decodeValue(bytes, lookup));
}

/** A task's argument list; in a chunked map its items' argument lists. At once when all is inline. */
export function decodeArguments(
  args: GrantedArguments,
  fetchBlob: FetchBlob,
  lookup?: NameLookup,
): unknown[] | Promise<unknown[]> {
  if (typeof args === "string") return decodeValue(args, lookup) as unknown[];
  if (args.every((arg) => typeof arg === "string")) return args.map((arg) => decodeEncoded(arg, fetchBlob, lookup));
  return Promise.all(
    args.map((arg) => (isResult(arg) ? decodeResult(arg, fetchBlob) : decodeEncoded(arg, fetchBlob, lookup))),
  );
}

function isResult(arg: EncodedValue | ResultValues): arg is ResultValues {
  return typeof arg === "object" && "values" in arg;
}

/** The value of a result that was given as an argument, as the client would have got it. */
async function decodeResult(
  { values, list, joined, chunked, refused }: ResultValues,
  fetchBlob: FetchBlob,
): Promise<unknown> {
  if (refused !== undefined) throw new PayloadTooLarge(refused);
  const decoded = await Promise.all(
    values.map((value, at) => (chunked?.[at] ? decodeChunk(value, fetchBlob) : decodeEncoded(value, fetchBlob))),
  );
  if (!list) return decoded[0];
  const items = chunked ? decoded.flatMap((value, at) => (chunked[at] ? (value as unknown[]) : [value])) : decoded;
  return joined && items.every(Array.isArray) ? items.flat() : items;
}

/** The values of a chunk's items. All have succeeded, or the task would not run. */
async function decodeChunk(value: EncodedValue, fetchBlob: FetchBlob): Promise<unknown[]> {
  const text =
    typeof value === "string" ? value : Buffer.from(await fetchBlob(value.blob, value.bytes)).toString("utf8");
  const outcomes = JSON.parse(text) as ItemOutcome[];
  return Promise.all(outcomes.map((outcome) => (outcome[0] === 1 ? decodeEncoded(outcome[1], fetchBlob) : undefined)));
}

/** Each blob among the arguments. */
export function* blobsOf(args: GrantedArguments): Generator<{ blob: string; bytes: number }> {
  if (typeof args === "string") return;
  for (const arg of args) {
    if (typeof arg === "string") continue;
    if (!isResult(arg)) yield arg;
    else for (const value of arg.values) if (typeof value !== "string") yield value;
  }
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
