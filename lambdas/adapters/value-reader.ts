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
  /** Maximum number of concurrent reads of blobs, and of parts of packs. */
  blobs: number;
  parts: number;
}

/** A value asked for, and the promise of it. */
interface Asked {
  value: PackedValue;
  resolve: (bytes: Uint8Array) => void;
  reject: (error: unknown) => void;
}

/**
 * Reads stored values. Those asked for in one turn of the event loop share requests where they are neighbours in a pack;
 * concurrent reads of the same content share one.
 */
export class ValueReader {
  readonly #source: Pick<BlobStore, "get" | "getPart">;
  readonly #limits: PartLimits;
  readonly #blobLimit: ReturnType<typeof pLimit>;
  readonly #partLimit: ReturnType<typeof pLimit>;
  readonly #underWay = new Map<string, Promise<Uint8Array>>();
  #asked: Asked[] = [];

  constructor(source: Pick<BlobStore, "get" | "getPart">, { blobs, parts, ...limits }: ReadLimits) {
    this.#source = source;
    this.#limits = limits;
    this.#blobLimit = pLimit(blobs);
    this.#partLimit = pLimit(parts);
  }

  /**
   * Reads a value, into memory that it shares with no other.
   *
   * @throws ValueLost if what holds it is gone, or it was changed
   */
  get(value: StoredValue): Promise<Uint8Array> {
    const key = storedKey(value);
    const shared = this.#underWay.get(key);
    if (shared) return shared;
    const done = () => this.#underWay.delete(key);
    const read = "blob" in value ? this.#blobLimit(() => this.#source.get(value.blob)) : this.#ask(value);
    this.#underWay.set(key, read);
    read.then(done, done);
    return read;
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
        else reject(new ValueLost(`pack ${pack} was changed: its value at byte ${value.at} has another hash`));
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
