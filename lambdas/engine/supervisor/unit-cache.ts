import { createHash } from "node:crypto";
import { brotliDecompressSync } from "node:zlib";
import { ClusterError } from "../../protocol/errors.ts";

/** Maximum number of units to keep: a message can name no more. */
const KEPT_UNITS = 64;
/** Maximum number of characters of source to keep. */
const KEPT_CHARS = 32 * 1024 * 1024;

/** Sources by hash; the least recently used is dropped first. Lives as long as the execution environment. */
export class UnitCache {
  readonly #sources = new Map<string, string>();
  #chars = 0;

  /** The source of a unit; undefined if it is not cached. Counts as a use. */
  get(hash: string): string | undefined {
    const source = this.#sources.get(hash);
    if (source === undefined) return undefined;
    this.#sources.delete(hash);
    this.#sources.set(hash, source);
    return source;
  }

  /**
   * Decompresses, checks and keeps a unit.
   *
   * @throws ClusterError if the unit cannot be decompressed, or the source does not match the hash
   */
  add(hash: string, brotli: Uint8Array): string {
    const source = unpack(hash, brotli);
    if (!this.#sources.has(hash)) this.#chars += source.length;
    this.#sources.delete(hash);
    this.#sources.set(hash, source);
    for (const [oldest, text] of this.#sources) {
      if (this.#sources.size <= KEPT_UNITS && this.#chars <= KEPT_CHARS) break;
      this.#sources.delete(oldest);
      this.#chars -= text.length;
    }
    return source;
  }

  /** The hashes of all units, most recently used first. */
  hashes(): string[] {
    return [...this.#sources.keys()].reverse();
  }
}

function unpack(hash: string, brotli: Uint8Array): string {
  let source: Buffer;
  try {
    source = brotliDecompressSync(brotli);
  } catch (cause) {
    throw new ClusterError(
      `the stored code ${hash} of the function cannot be decompressed: submit the function again from a new client`,
      { cause },
    );
  }
  if (createHash("sha256").update(source).digest("hex") !== hash)
    throw new ClusterError(
      `the stored code ${hash} of the function is damaged, as its source has a different hash: submit the function again from a new client`,
    );
  return source.toString("utf8");
}
