/**
 * Stores values that are too long for a page, as objects named by the SHA-256 of their content or by the name given to
 * `putAs`. Objects never change, so any of them can be cached.
 */
export interface BlobStore {
  /** Stores the bytes under their hash, unless they are stored already. Resolves to the hash. */
  put(bytes: Uint8Array): Promise<string>;
  /**
   * Reads the bytes with this hash, into memory that the caller owns.
   *
   * @throws ValueLost if they are missing, or do not match the hash
   */
  get(hash: string): Promise<Uint8Array>;
  /**
   * Reads bytes [from, to) of a pack, into memory that the caller owns. Does not verify the bytes: the caller checks
   * each value in them by the value's own hash.
   *
   * @throws ValueLost if the pack is missing, or too short
   */
  getPart(pack: string, from: number, to: number): Promise<Uint8Array>;
  /**
   * Stores bytes under a name other than their own hash: a pack, or a code unit too large for a row (its source
   * compressed with Brotli, under the hash of the source).
   */
  putAs(name: string, bytes: Uint8Array): Promise<void>;
  /**
   * Reads the compressed source of a code unit. Does not verify the content: `hash` is that of the source, so the
   * caller verifies the source after decompression.
   */
  getCode(hash: string): Promise<Uint8Array>;
}
