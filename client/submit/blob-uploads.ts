import pLimit from "p-limit";
import type { CloudPort } from "../cluster/cloud-port.ts";

const CONCURRENT_UPLOADS = 16;

/** Uploads blobs, a few at a time, each content once in the client's lifetime. */
export class BlobUploads {
  readonly #cloud: CloudPort;
  readonly #limit = pLimit(CONCURRENT_UPLOADS);
  readonly #uploads = new Map<string, Promise<void>>();

  constructor(cloud: CloudPort) {
    this.#cloud = cloud;
  }

  /** Resolves when all blobs are stored. A failed upload is retried by the next call that needs the blob. */
  async put(blobs: ReadonlyMap<string, Uint8Array>): Promise<void> {
    await Promise.all([...blobs].map(([hash, bytes]) => this.#uploads.get(hash) ?? this.#upload(hash, bytes)));
  }

  #upload(hash: string, bytes: Uint8Array): Promise<void> {
    const upload = this.#limit(async () => {
      try {
        await this.#cloud.putBlob(hash, bytes);
      } catch (error) {
        this.#uploads.delete(hash);
        throw error;
      }
    });
    this.#uploads.set(hash, upload);
    return upload;
  }
}
