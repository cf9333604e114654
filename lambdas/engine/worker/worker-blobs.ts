import { FantailError } from "../../protocol/fantail-error.ts";
import type { FromWorker } from "../messages/worker-messages.ts";

/** Maximum size of fetched blobs to keep, in bytes, so that values shared by many tasks are fetched once. */
const KEPT_BYTES = 64 * 1024 * 1024;

/** A blob could not be fetched: the cluster is to blame, not the task. */
export class BlobLost extends FantailError {
  static override readonly code: string = "BlobLost";
}

/**
 * The worker's access to the blob store. The main thread fetches the blobs; the worker requests them early and keeps
 * them.
 */
export class WorkerBlobs {
  readonly #post: (message: FromWorker) => void;
  readonly #blobs = new Map<string, { bytes: number; content: Promise<Uint8Array> }>();
  readonly #asked = new Map<number, { resolve(bytes: Uint8Array): void; reject(error: Error): void }>();
  #kept = 0;
  #lastId = 0;

  constructor(post: (message: FromWorker) => void) {
    this.#post = post;
  }

  /**
   * Fetches the blob unless it was requested before.
   *
   * @throws BlobLost if it cannot be fetched; the next call requests it again
   */
  get(hash: string, bytes: number): Promise<Uint8Array> {
    const known = this.#blobs.get(hash);
    if (known) {
      // The most recent is last.
      this.#blobs.delete(hash);
      this.#blobs.set(hash, known);
      return known.content;
    }
    const id = ++this.#lastId;
    const content = new Promise<Uint8Array>((resolve, reject) => this.#asked.set(id, { resolve, reject }));
    content.catch(() => this.#forget(hash));
    this.#blobs.set(hash, { bytes, content });
    this.#kept += bytes;
    for (const oldest of this.#blobs.keys()) {
      if (this.#kept <= KEPT_BYTES || oldest === hash) break;
      this.#forget(oldest);
    }
    this.#post({ type: "get", id, hash });
    return content;
  }

  answer(id: number, answer: Uint8Array | string): void {
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    if (typeof answer === "string") asked?.reject(new BlobLost(answer));
    else asked?.resolve(answer);
  }

  #forget(hash: string): void {
    this.#kept -= this.#blobs.get(hash)?.bytes ?? 0;
    this.#blobs.delete(hash);
  }
}
