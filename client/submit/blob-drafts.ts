import { type HashedValue, packValues, type StoredObject, sha256 } from "../../lambdas/adapters/pack.ts";
import type { EncodedValue } from "../../lambdas/protocol/function-reference.ts";
import type { StoredValue } from "../../lambdas/protocol/stored-value.ts";

/** What a submission must upload, and where its drafted arguments are found. */
export interface Uploads {
  objects: StoredObject[];
  /** Maps the hash of each drafted argument to the location of its value, or to the text that goes into a page. */
  locations: ReadonlyMap<string, EncodedValue>;
}

/**
 * Minimum length, in characters, of argument lists that may be stored in a pack although they would fit a page. A
 * shorter list takes hardly more room in its page than a reference to a pack.
 */
export const LONG_LIST_CHARS = 1000;

/**
 * Minimum total size, in bytes, at which a submission's argument lists of at least `LONG_LIST_CHARS` are stored in a
 * pack. A kilobyte in a page costs an eighth of what an S3 request costs, but all pages pass through the scheduler.
 * Below this size, that is faster than the S3 requests.
 */
const LONG_LISTS_BYTES = 256 * 1024;

/**
 * The values that a submission must upload before its message is sent, each content once, by hash. Every apply has
 * drafts, and mostly there is nothing to upload, so the maps are created on demand.
 */
export class BlobDrafts {
  #blobs: Map<string, Uint8Array> | undefined;
  /** Arguments that may share a pack, because they have occurred only once. */
  #single: Map<string, HashedValue> | undefined;
  /** Lists of arguments that fit a page, by their hashes. */
  #lists: Map<string, string> | undefined;

  /** Encodes a value for a message: returns a string as it is; drafts bytes as a blob and returns a reference to it. */
  encoded(value: string | Uint8Array): EncodedValue {
    if (typeof value === "string") return value;
    const hash = sha256(value);
    this.addAs(hash, value);
    return { blob: hash, bytes: value.byteLength };
  }

  /** Like `encoded`, for an argument. An argument that occurs only once may share a pack with others. */
  argument(value: string | Uint8Array): EncodedValue {
    if (typeof value === "string") return value;
    const hash = sha256(value);
    this.#addSingle({ hash, bytes: value });
    return { blob: hash, bytes: value.byteLength };
  }

  /**
   * Drafts a whole list of arguments, which goes into a pack if the lists of the submission are long in total,
   * otherwise into its page.
   */
  list(text: string): StoredValue {
    const hash = sha256(text);
    this.#addList(hash, text);
    return { blob: hash, bytes: Buffer.byteLength(text) };
  }

  /** Records that an argument occurs again. */
  repeated(hash: string): void {
    const single = this.#single?.get(hash);
    if (single === undefined) return;
    this.#single?.delete(hash);
    this.addAs(hash, single.bytes);
  }

  /** Drafts bytes under a hash of something else: a Brotli-compressed code unit is stored under its source's hash. */
  addAs(hash: string, bytes: Uint8Array): void {
    this.#blobs ??= new Map();
    this.#blobs.set(hash, bytes);
  }

  /** Adds the drafts of another call of the same submission. */
  addAll(other: BlobDrafts): void {
    for (const [hash, bytes] of other.#blobs ?? []) {
      this.#single?.delete(hash);
      this.addAs(hash, bytes);
    }
    for (const single of other.#single?.values() ?? []) this.#addSingle(single);
    for (const [hash, text] of other.#lists ?? []) this.#addList(hash, text);
  }

  /** The objects to upload. */
  uploads(): Uploads {
    const [blobs, single, texts] = [[...(this.#blobs ?? [])], [...(this.#single?.values() ?? [])], this.#lists ?? []];
    const lists = [...texts].map(([hash, text]) => ({ hash, bytes: Buffer.from(text) }));
    const isLong = lists.reduce((sum, { bytes }) => sum + bytes.byteLength, 0) >= LONG_LISTS_BYTES;
    const { objects, locations } = packValues([...single, ...(isLong ? lists : [])]);
    return {
      objects: [...blobs.map(([name, bytes]) => ({ name, pieces: [bytes] })), ...objects],
      locations: isLong ? locations : new Map<string, EncodedValue>([...locations, ...texts]),
    };
  }

  #addList(hash: string, text: string): void {
    this.#lists ??= new Map();
    this.#lists.set(hash, text);
  }

  #addSingle(value: HashedValue): void {
    const { hash } = value;
    if (this.#blobs?.has(hash)) return;
    if (this.#single?.has(hash)) this.repeated(hash);
    else {
      this.#single ??= new Map();
      this.#single.set(hash, value);
    }
  }
}
