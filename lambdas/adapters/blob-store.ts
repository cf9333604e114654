/**
 * Bytes addressed by their SHA-256, for values too long for a page. Nothing in it ever changes, so everything can be
 * cached.
 */
export interface BlobStore {
  /** Stores the bytes, whether or not they are stored already. Resolves to their hash. */
  put(bytes: Uint8Array): Promise<string>;
  /**
   * Reads the bytes with this hash, into memory that the caller owns.
   *
   * @throws ValueLost if they are gone, or do not match the hash
   */
  get(hash: string): Promise<Uint8Array>;
  /**
   * Reads bytes [from, to) of a pack, into memory that the caller owns. Unchecked: the
   * values in them have hashes of their own.
   *
   * @throws ValueLost if the pack is gone, or too short
   */
  getPart(pack: string, from: number, to: number): Promise<Uint8Array>;
  /**
   * Stores bytes under another name than their own hash: a pack, or a code unit too large for a row, which is the Brotli
   * of its source under the hash of the source.
   */
  putAs(name: string, bytes: Uint8Array): Promise<void>;
  /**
   * Reads the Brotli of the unit's source. Unchecked: the hash is that of the source, so the reader that decompresses it checks
   * it.
   */
  getCode(hash: string): Promise<Uint8Array>;
}
