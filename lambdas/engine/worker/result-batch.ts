import type { MessagePort } from "node:worker_threads";
import type { FromWorker, TaskResult } from "../messages/worker-messages.ts";

/** Maximum time that a result waits for others, in milliseconds, unless the next task blocks the thread. */
const FLUSH_MS = 2;

/** Maximum size of results waiting to be stored, in bytes: the next task starts only below this size. */
const UPLOAD_BYTES = 32 * 1024 * 1024;

/** Sends results to the main thread in batches: a message for each would cost more than a short task. */
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
    for (const { bytes } of result.blobs ?? []) this.#uploading += bytes.byteLength;
    // Send the result as soon as the next task yields to the event loop, however long that task lasts.
    this.#immediate ??= setImmediate(() => this.flush());
  }

  isDue(): boolean {
    return this.#uploading > UPLOAD_BYTES || performance.now() - this.#flushed >= FLUSH_MS;
  }

  /** @param isLast whether no task of the lease is waiting or running */
  flush(isLast = false): void {
    clearImmediate(this.#immediate);
    this.#immediate = undefined;
    this.#flushed = performance.now();
    if (this.#results.length === 0 && !isLast) return;
    const results = this.#results;
    this.#results = [];
    this.#port.postMessage({ type: "results", results, isLast } satisfies FromWorker, results.flatMap(wholeBuffers));
  }

  /** Flushes, waits while the main thread is behind with uploads, and lets incoming messages be processed. */
  async flushAndBreathe(): Promise<void> {
    this.flush();
    if (this.#uploading > UPLOAD_BYTES) await new Promise<void>((resolve) => (this.#roomWanted = resolve));
    await new Promise<void>((resolve) => setImmediate(resolve));
    this.#flushed = performance.now();
  }

  /** Records that results of this many bytes were stored, or could not be stored. */
  stored(bytes: number): void {
    this.#uploading -= bytes;
    if (this.#uploading > UPLOAD_BYTES || this.#roomWanted === undefined) return;
    this.#roomWanted();
    this.#roomWanted = undefined;
  }
}

/**
 * Buffers that hold one value of the result and nothing else. They are transferred to the main thread instead of
 * copied.
 */
function wholeBuffers({ blobs = [] }: TaskResult): ArrayBuffer[] {
  return blobs.flatMap(({ bytes: { buffer, byteLength } }) =>
    buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? [buffer] : [],
  );
}
