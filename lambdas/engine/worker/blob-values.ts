import * as v from "valibot";
import { type HashedValue, sha256 } from "../../adapters/pack.ts";
import { differentVersions } from "../../protocol/answer-fault.ts";
import { decodeValue, encodeValue, type NameLookup } from "../../protocol/codec.ts";
import { CodecError, PayloadTooLarge } from "../../protocol/errors.ts";
import { type EncodedValue, INLINE_BYTES } from "../../protocol/function-reference.ts";
import { ItemOutcome } from "../../protocol/outcome-page.ts";
import type { GrantedArguments, GrantedResult, ResultValues } from "../../protocol/spec-page.ts";
import { isStored, type StoredValue } from "../../protocol/stored-value.ts";

const ItemOutcomes = v.array(ItemOutcome);

type FetchValue = (value: StoredValue) => Promise<Uint8Array>;

/** Decodes a value. Returns a promise if it is not inline. */
function decodeEncoded(
  encoded: EncodedValue,
  fetchValue: FetchValue,
  lookup?: NameLookup,
  results?: readonly unknown[],
): unknown {
  if (typeof encoded === "string") return decodeValue(encoded, lookup, undefined, results);
  return fetchValue(encoded).then((bytes) => decodeValue(bytes, lookup, undefined, results));
}

/**
 * Decodes a task's argument list or, in a chunked map, the list of its items' argument lists. Returns a promise unless
 * all arguments are inline values.
 */
export function decodeArguments(
  args: GrantedArguments,
  fetchValue: FetchValue,
  lookup?: NameLookup,
): unknown[] | Promise<unknown[]> {
  if (typeof args === "string") return listOf(decodeValue(args, lookup));
  if (isStored(args)) return fetchValue(args).then((bytes) => listOf(decodeValue(bytes, lookup)));
  if (args.every((arg) => typeof arg === "string")) return args.map((arg) => decodeEncoded(arg, fetchValue, lookup));
  const resultOf = resultReader(fetchValue);
  return Promise.all(
    args.map(async (arg) => {
      if (typeof arg === "string" || isStored(arg)) return decodeEncoded(arg, fetchValue, lookup);
      if ("given" in arg) return resultOf(arg);
      return decodeEncoded(arg.value, fetchValue, lookup, await Promise.all(arg.results.map(resultOf)));
    }),
  );
}

/**
 * Makes a reader for the results that a task takes as arguments. A result that is taken twice is one object, as it
 * would be if the task awaited one promise twice.
 */
function resultReader(fetchValue: FetchValue): (result: GrantedResult) => Promise<unknown> {
  const read = new Map<ResultValues, Map<number | undefined, Promise<unknown>>>();
  return ({ given, item }) => {
    const known = read.get(given) ?? new Map<number | undefined, Promise<unknown>>();
    read.set(given, known);
    const value = known.get(item) ?? decodeResult(given, item, fetchValue);
    known.set(item, value);
    return value;
  };
}

/** The value of a result as the client would get it, or of one item of a chunk. */
async function decodeResult(
  { values, list, joined, chunked, refused }: ResultValues,
  item: number | undefined,
  fetchValue: FetchValue,
): Promise<unknown> {
  if (refused !== undefined) throw new PayloadTooLarge(refused);
  if (item !== undefined) return (await decodeChunk(values[0] ?? "[]", fetchValue, item))[0];
  const decoded = await Promise.all(
    values.map((value, at) => (chunked?.[at] ? decodeChunk(value, fetchValue) : decodeEncoded(value, fetchValue))),
  );
  if (!list) return decoded[0];
  const items = chunked ? decoded.flatMap((value, at) => (chunked[at] ? listOf(value) : [value])) : decoded;
  return joined && items.every(Array.isArray) ? items.flat() : items;
}

/**
 * Returns decoded arguments as a list.
 *
 * @throws CodecError if they are not a list
 */
function listOf(decoded: unknown): unknown[] {
  if (Array.isArray(decoded)) return decoded;
  throw new CodecError("arguments", `is not a list; ${differentVersions("client and engine")}`);
}

/** The values of a chunk's items, or of one of them. All items have succeeded; otherwise this task would not run. */
async function decodeChunk(value: EncodedValue, fetchValue: FetchValue, item?: number): Promise<unknown[]> {
  const text = typeof value === "string" ? value : Buffer.from(await fetchValue(value)).toString("utf8");
  const all = v.parse(ItemOutcomes, JSON.parse(text));
  const outcomes = item === undefined ? all : all.slice(item, item + 1);
  return Promise.all(outcomes.map((outcome) => (outcome[0] === 1 ? decodeEncoded(outcome[1], fetchValue) : undefined)));
}

/** The values among the arguments that are not inline. */
export function* storedIn(args: GrantedArguments): Generator<StoredValue> {
  if (typeof args === "string") return;
  if (isStored(args)) return yield args;
  for (const arg of args) {
    if (typeof arg === "string") continue;
    if (isStored(arg)) {
      yield arg;
      continue;
    }
    if ("value" in arg && typeof arg.value !== "string") yield arg.value;
    for (const { given } of "given" in arg ? [arg] : arg.results)
      for (const value of given.values) if (typeof value !== "string") yield value;
  }
}

/**
 * Encodes a result. A value too long for a page is added to `blobs`, to be stored before the result is reported.
 *
 * @throws CodecError if the result cannot be encoded
 */
export function encodeResult(value: unknown, blobs: HashedValue[]): EncodedValue {
  return asEncoded(encodeValue(value, "result"), blobs);
}

/** Encodes a value that is text already, such as a list of item outcomes. */
export function encodeText(text: string, blobs: HashedValue[]): EncodedValue {
  const short = text.length <= INLINE_BYTES && Buffer.byteLength(text) <= INLINE_BYTES;
  return asEncoded(short ? text : Buffer.from(text), blobs);
}

function asEncoded(encoded: string | Uint8Array, blobs: HashedValue[]): EncodedValue {
  if (typeof encoded === "string") return encoded;
  const hash = sha256(encoded);
  blobs.push({ hash, bytes: encoded });
  return { blob: hash, bytes: encoded.byteLength };
}
