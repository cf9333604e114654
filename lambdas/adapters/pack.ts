import { createHash } from "node:crypto";
import { cutIntoPacks } from "../core/packs.ts";
import type { PackedValue } from "../protocol/function-reference.ts";
import type { StoredValue } from "../protocol/stored-value.ts";

/** A value to be stored, and its SHA-256 in hex. */
export interface HashedValue {
  hash: string;
  bytes: Uint8Array;
}

/** An object to be stored. */
export interface StoredObject {
  name: string;
  /** Its content, in pieces. */
  pieces: readonly Uint8Array[];
}

/** The objects to store for some values, and the location of each value. */
export interface PackedValues {
  objects: StoredObject[];
  /** The location of each value, by its hash. */
  locations: Map<string, StoredValue>;
}

/**
 * Puts values into packs, in order; equal values are stored once. A value that would be alone in a pack becomes a blob.
 */
export function packValues(given: readonly HashedValue[]): PackedValues {
  const values = [...new Map(given.map((value) => [value.hash, value])).values()];
  const locations = new Map<string, StoredValue>();
  const objects = cutIntoPacks(values.map(({ bytes }) => bytes.byteLength)).map((positions): StoredObject => {
    const own = positions.flatMap((position) => values[position] ?? []);
    const [only] = own;
    if (only && own.length === 1) {
      locations.set(only.hash, { blob: only.hash, bytes: only.bytes.byteLength });
      return { name: only.hash, pieces: [only.bytes] };
    }
    const pack = packName(own.map(({ hash }) => hash));
    let at = 0;
    for (const { hash, bytes } of own) {
      locations.set(hash, { pack, at, bytes: bytes.byteLength, sum: shortHash(hash) } satisfies PackedValue);
      at += bytes.byteLength;
    }
    return { name: pack, pieces: own.map(({ bytes }) => bytes) };
  });
  return { objects, locations };
}

/** SHA-256 in hex. */
export function sha256(content: Uint8Array | string): string {
  return createHash("sha256").update(content).digest("hex");
}

/** The first half of a SHA-256, as `PackedValue` keeps it. */
export function shortHash(hash: string): string {
  return Buffer.from(hash.slice(0, 32), "hex").toString("base64url");
}

/** Derives a pack's name from the hashes of its values. These are known already, so no bytes are hashed again. */
function packName(hashes: readonly string[]): string {
  return shortHash(sha256(`fantail pack ${hashes.join(" ")}`));
}
