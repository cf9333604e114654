import { FantailError } from "../../protocol/fantail-error.ts";
import { type StoredValue, storedKey } from "../../protocol/stored-value.ts";
import type { FromWorker } from "../messages/worker-messages.ts";

/** Maximum size of fetched values to keep, in bytes, so that values shared by many tasks are fetched once. */
const KEPT_BYTES = 64 * 1024 * 1024;

/** A stored value could not be fetched: the cluster is to blame, not the task. */
export class BlobLost extends FantailError {
  static override readonly code: string = "BlobLost";
}

/**
 * The worker's access to the blob store. The main thread fetches the values; the worker requests them early and keeps
 * them.
 */
export class WorkerBlobs {
  readonly #post: (message: FromWorker) => void;
  readonly #blobs = new Map<string, { bytes: number; content: Promise<Uint8Array>; isHere: boolean }>();
  readonly #asked = new Map<number, { resolve(bytes: Uint8Array): void; reject(error: Error): void }>();
  #kept = 0;
  #lastId = 0;
  #wanted: [id: number, value: StoredValue][] = [];

  constructor(post: (message: FromWorker) => void) {
    this.#post = post;
  }

  /**
   * Fetches the value unless it was requested before. The request is sent at the end of the turn, or by `request`.
   *
   * @throws BlobLost if the value cannot be fetched; the next call requests it again
   */
  get(value: StoredValue): Promise<Uint8Array> {
    const key = storedKey(value);
    const known = this.#blobs.get(key);
    if (known) {
      // Move the value to the end of the map, as the most recently used.
      this.#blobs.delete(key);
      this.#blobs.set(key, known);
      return known.content;
    }
    const { bytes } = value;
    const id = ++this.#lastId;
    const content = new Promise<Uint8Array>((resolve, reject) => this.#asked.set(id, { resolve, reject }));
    const asked = { bytes, content, isHere: false };
    content.then(
      () => {
        asked.isHere = true;
      },
      () => this.#forget(key),
    );
    this.#blobs.set(key, asked);
    this.#kept += bytes;
    for (const oldest of this.#blobs.keys()) {
      if (this.#kept <= KEPT_BYTES || oldest === key) break;
      this.#forget(oldest);
    }
    if (this.#wanted.push([id, value]) === 1) queueMicrotask(() => this.request());
    return content;
  }

  /** Whether the value has arrived and is kept, so that `get` need not wait. */
  has(value: StoredValue): boolean {
    return this.#blobs.get(storedKey(value))?.isHere === true;
  }

  /** Sends the requests that `get` has gathered. */
  request(): void {
    const wanted = this.#wanted;
    this.#wanted = [];
    if (wanted.length > 0) this.#post({ type: "get", wanted });
  }

  answer(id: number, answer: Uint8Array | string): void {
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    if (typeof answer === "string") asked?.reject(new BlobLost(answer));
    else asked?.resolve(answer);
  }

  #forget(key: string): void {
    this.#kept -= this.#blobs.get(key)?.bytes ?? 0;
    this.#blobs.delete(key);
  }
}
