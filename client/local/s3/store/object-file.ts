import { Buffer } from "node:buffer";
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import * as v from "valibot";

/**
 * An object is one file: its content, then what is known of it as JSON, then the length of that and a fixed ending. It is
 * written under another name and renamed once it is whole, so whatever ends the process, an object is there entirely or
 * not at all. Content begins at the file's first byte: a range of it is a read at the same place.
 */

const ObjectFacts = v.object({
  key: v.string(),
  size: v.number(),
  /** With its quotation marks, as in the ETag header. */
  etag: v.string(),
  /** Milliseconds since 1970. */
  modified: v.number(),
  /** Response headers that came with the object: its type, its metadata. */
  headers: v.record(v.string(), v.string()),
  checksum: v.optional(
    v.object({ algorithm: v.string(), value: v.string(), type: v.picklist(["FULL_OBJECT", "COMPOSITE"]) }),
  ),
});

/** What is known of an object. */
export type ObjectFacts = v.InferOutput<typeof ObjectFacts>;

/** The type of an object that came without one. */
export const DEFAULT_TYPE = "binary/octet-stream";

const ENDING = Buffer.from("S3OBJ\u0001\r\n");
const FOOT_BYTES = 4 + ENDING.length;
/** What is read of a file's end first. Facts are seldom longer. */
const TAIL_BYTES = 2_048;
/** Facts are bounded by what headers may hold. */
const MAX_FACTS_BYTES = 1 << 20;

/** Returns what follows the content in the file of an object. */
export function fileEnd(facts: ObjectFacts): Buffer {
  const json = Buffer.from(JSON.stringify(facts));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(json.length);
  return Buffer.concat([json, length, ENDING]);
}

/** An object opened for reading. It stays readable, as it was, when the object is replaced or deleted. */
export interface OpenObject {
  facts: ObjectFacts;
  fd: number;
}

/**
 * Opens an object. The caller closes `fd`. Returns undefined if there is no such file, or it was cut short, as by a
 * power failure.
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

/** Reads what is known of an object. Returns undefined as `openObject` does. */
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
