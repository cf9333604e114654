import type { MessagePort } from "node:worker_threads";
import type { FromWorker, TaskResult } from "../messages/worker-messages.ts";

/** Results wait at most this long for others, unless the next task blocks the thread. */
const FLUSH_MS = 2;

/** Most bytes of results that may wait to be stored before the next task starts. */
const UPLOAD_BYTES = 32 * 1024 * 1024;

/** Results on their way from worker to main thread: a message each would cost more than a short task. */
export class ResultBatch {
  readonly #port: MessagePort;
  #results: TaskResult[] = [];
  #flushed = performance.now();
  #immediate: NodeJS.Immediate | undefined;
  #uploading = 0;
  #roomWanted: (() => void) | undefined;

  constructor(port: MessagePort) {
    this.#port = port;
  }

  add(result: TaskResult): void {
    this.#results.push(result);
    for (const blob of result.blobs ?? []) this.#uploading += blob.byteLength;
    // Goes when the next task gives the event loop a turn, however long it then lasts.
    this.#immediate ??= setImmediate(() => this.flush());
  }

  isDue(): boolean {
    return this.#uploading > UPLOAD_BYTES || performance.now() - this.#flushed >= FLUSH_MS;
  }

  /** @param isLast claims that nothing of the lease waits or runs */
  flush(isLast = false): void {
    clearImmediate(this.#immediate);
    this.#immediate = undefined;
    this.#flushed = performance.now();
    if (this.#results.length === 0 && !isLast) return;
    const results = this.#results;
    this.#results = [];
    this.#port.postMessage({ type: "results", results, isLast } satisfies FromWorker, results.flatMap(wholeBuffers));
  }

  /** Flushes, lets messages in, and waits for the main thread when it is behind with storing. */
  async flushAndBreathe(): Promise<void> {
    this.flush();
    if (this.#uploading > UPLOAD_BYTES) await new Promise<void>((resolve) => (this.#roomWanted = resolve));
    await new Promise<void>((resolve) => setImmediate(resolve));
    this.#flushed = performance.now();
  }

  /** So many bytes have been stored. */
  stored(bytes: number): void {
    this.#uploading -= bytes;
    if (this.#uploading > UPLOAD_BYTES || this.#roomWanted === undefined) return;
    this.#roomWanted();
    this.#roomWanted = undefined;
  }
}

/** Buffers of a result that nobody else has a part of: they move instead of being copied. */
function wholeBuffers({ blobs = [] }: TaskResult): ArrayBuffer[] {
  return blobs.flatMap(({ buffer, byteLength }) =>
    buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? [buffer] : [],
  );
}
