import pLimit from "p-limit";
import type { BlobStore } from "../../adapters/blob-store.ts";
import { messageOf } from "../messages/message-of.ts";

/** Maximum number of concurrent uploads. */
const UPLOADS = 16;

/** Stores the long results of a lease as blobs while the next tasks run. */
export class ResultUploads {
  readonly #blobs: BlobStore;
  /** Created on first use: most leases never need it. */
  #limit: ReturnType<typeof pLimit> | undefined;
  readonly #positions = new Set<number>();

  constructor(blobs: BlobStore) {
    this.#blobs = blobs;
  }

  /** Whether the task's result is being stored. */
  has(position: number): boolean {
    return this.#positions.has(position);
  }

  /** Stores a result's blobs. Resolves to the reason if it fails, otherwise to undefined. */
  async store(position: number, blobs: readonly Uint8Array[]): Promise<string | undefined> {
    this.#positions.add(position);
    this.#limit ??= pLimit(UPLOADS);
    const limit = this.#limit;
    try {
      await Promise.all(blobs.map((blob) => limit(() => this.#blobs.put(blob))));
      return undefined;
    } catch (error) {
      return messageOf(error);
    } finally {
      this.#positions.delete(position);
    }
  }
}
