import pLimit from "p-limit";
import { type PartLimits, rangesToRead } from "../core/packs.ts";
import { ValueLost } from "../protocol/errors.ts";
import type { PackedValue } from "../protocol/function-reference.ts";
import type { IndexRange } from "../protocol/index-ranges.ts";
import { type StoredValue, storedKey } from "../protocol/stored-value.ts";
import type { BlobStore } from "./blob-store.ts";
import { sha256, shortHash } from "./pack.ts";

/** Limits of a reader. Together they bound the memory that its reads take. */
export interface ReadLimits extends PartLimits {
  /** Maximum number of concurrent reads of blobs. */
  blobs: number;
  /** Maximum number of concurrent reads of parts of packs. */
  parts: number;
}

/** A caller that waits for a value. */
interface Waiter {
  resolve: (bytes: Uint8Array) => void;
  reject: (error: unknown) => void;
}

/** A requested value, and how to settle its promise. */
interface Asked extends Waiter {
  value: PackedValue;
}

/**
 * Reads stored values. Values that are requested in one turn of the event loop and are near each other in a pack share
 * a request, as do concurrent reads of the same content.
 */
export class ValueReader {
  readonly #source: Pick<BlobStore, "get" | "getPart">;
  readonly #limits: PartLimits;
  readonly #blobLimit: ReturnType<typeof pLimit>;
  readonly #partLimit: ReturnType<typeof pLimit>;
  /** Values being read, each with the callers that requested it since the read began. */
  readonly #underWay = new Map<string, Waiter[]>();
  #asked: Asked[] = [];

  constructor(source: Pick<BlobStore, "get" | "getPart">, { blobs, parts, ...limits }: ReadLimits) {
    this.#source = source;
    this.#limits = limits;
    this.#blobLimit = pLimit(blobs);
    this.#partLimit = pLimit(parts);
  }

  /**
   * Reads a value into memory that the caller owns, and so may change or transfer to another thread.
   *
   * @throws ValueLost if the value's object is missing, or its bytes have changed; ClusterError if the object cannot be
   *   read
   */
  get(value: StoredValue): Promise<Uint8Array> {
    const key = storedKey(value);
    const others = this.#underWay.get(key);
    return others ? new Promise((resolve, reject) => others.push({ resolve, reject })) : this.#read(key, value);
  }

  async #read(key: string, value: StoredValue): Promise<Uint8Array> {
    const others: Waiter[] = [];
    this.#underWay.set(key, others);
    try {
      const bytes = await ("blob" in value ? this.#blobLimit(() => this.#source.get(value.blob)) : this.#ask(value));
      // The bytes are copied before any caller has them and may transfer them.
      for (const { resolve } of others) resolve(bytes.slice());
      return bytes;
    } catch (error) {
      for (const { reject } of others) reject(error);
      throw error;
    } finally {
      this.#underWay.delete(key);
    }
  }

  #ask(value: PackedValue): Promise<Uint8Array> {
    if (this.#asked.length === 0) setImmediate(() => this.#readAsked());
    return new Promise((resolve, reject) => this.#asked.push({ value, resolve, reject }));
  }

  #readAsked(): void {
    const asked = this.#asked;
    this.#asked = [];
    const byPack = new Map<string, Asked[]>();
    for (const one of asked) {
      const others = byPack.get(one.value.pack);
      if (others) others.push(one);
      else byPack.set(one.value.pack, [one]);
    }
    for (const [pack, all] of byPack)
      for (const part of rangesToRead(all.map(rangeOf), this.#limits)) {
        const inside = all.filter((one) => isWithin(rangeOf(one), part));
        void this.#partLimit(() => this.#readPart(pack, part, inside));
      }
  }

  async #readPart(pack: string, [from, to]: IndexRange, inside: readonly Asked[]): Promise<void> {
    try {
      const bytes = await this.#source.getPart(pack, from, to);
      for (const { value, resolve, reject } of inside) {
        const own = bytes.slice(value.at - from, value.at - from + value.bytes);
        if (shortHash(sha256(own)) === value.sum) resolve(own);
        else
          reject(
            new ValueLost(
              `pack ${pack} has changed: its value at byte ${value.at} has a different hash. Submit the work again`,
            ),
          );
      }
    } catch (error) {
      for (const { reject } of inside) reject(error);
    }
  }
}

function rangeOf({ value }: Asked): IndexRange {
  return [value.at, value.at + value.bytes];
}

function isWithin([from, to]: IndexRange, part: IndexRange): boolean {
  return from >= part[0] && to <= part[1];
}
