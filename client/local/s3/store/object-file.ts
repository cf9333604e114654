import { Buffer } from "node:buffer";
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import * as v from "valibot";

/**
 * An object is one file: its content, its metadata as JSON, the length of that JSON, and a fixed ending. The file is
 * written under a temporary name and renamed once complete, so that a crash never leaves half an object. The content
 * comes first, so that offsets in the object and in the file are equal.
 */

const ObjectFacts = v.object({
  key: v.string(),
  size: v.number(),
  /** The ETag with its quotation marks, as in the header. */
  etag: v.string(),
  /** Milliseconds since 1970. */
  modified: v.number(),
  /** Headers stored with the object and returned with it, such as its content type. */
  headers: v.record(v.string(), v.string()),
  checksum: v.optional(
    v.object({ algorithm: v.string(), value: v.string(), type: v.picklist(["FULL_OBJECT", "COMPOSITE"]) }),
  ),
});

/** Metadata of an object. */
export type ObjectFacts = v.InferOutput<typeof ObjectFacts>;

/** Content type of an object that was uploaded without one. */
export const DEFAULT_TYPE = "binary/octet-stream";

const ENDING = Buffer.from("S3OBJ\u0001\r\n");
const FOOT_BYTES = 4 + ENDING.length;
/** Bytes to read from the end of a file first. Metadata is seldom longer. */
const TAIL_BYTES = 2_048;
/**
 * Maximum length of the metadata. It comes from request headers, which Node limits to 16 KB, so it is always shorter.
 */
const MAX_FACTS_BYTES = 1 << 20;

/** Returns the end of an object's file, after its content. */
export function fileEnd(facts: ObjectFacts): Buffer {
  const json = Buffer.from(JSON.stringify(facts));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(json.length);
  return Buffer.concat([json, length, ENDING]);
}

/** An object opened for reading. It stays readable and unchanged if the object is replaced or deleted. */
export interface OpenObject {
  facts: ObjectFacts;
  fd: number;
}

/**
 * Opens an object; the caller must close `fd`. Returns undefined if there is no such file, or if the file is truncated,
 * for example by a power failure.
 */
export function openObject(file: string): OpenObject | undefined {
  const fd = openExisting(file);
  if (fd === undefined) return undefined;
  try {
    const facts = readFacts(fd);
    if (facts) return { facts, fd };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  closeSync(fd);
  return undefined;
}

/** Reads an object's metadata. Returns undefined in the same cases as `openObject`. */
export function objectFacts(file: string): ObjectFacts | undefined {
  const object = openObject(file);
  if (object) closeSync(object.fd);
  return object?.facts;
}

function openExisting(file: string): number | undefined {
  try {
    return openSync(file, "r");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

function readFacts(fd: number): ObjectFacts | undefined {
  const { size } = fstatSync(fd);
  let tail = readEnd(fd, size, TAIL_BYTES);
  if (tail.length < FOOT_BYTES || !tail.subarray(-ENDING.length).equals(ENDING)) return undefined;
  const length = tail.readUInt32BE(tail.length - FOOT_BYTES);
  if (length > MAX_FACTS_BYTES) return undefined;
  if (length + FOOT_BYTES > tail.length) tail = readEnd(fd, size, length + FOOT_BYTES);
  if (length + FOOT_BYTES > tail.length) return undefined;
  const json = tail.toString("utf8", tail.length - FOOT_BYTES - length, tail.length - FOOT_BYTES);
  const facts = v.parse(ObjectFacts, JSON.parse(json));
  return facts.size === size - FOOT_BYTES - length ? facts : undefined;
}

function readEnd(fd: number, size: number, most: number): Buffer {
  const tail = Buffer.allocUnsafe(Math.min(most, size));
  const read = readSync(fd, tail, 0, tail.length, size - tail.length);
  return tail.subarray(0, read);
}
