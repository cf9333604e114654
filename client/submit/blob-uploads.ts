import pLimit from "p-limit";
import type { StoredObject } from "../../lambdas/adapters/pack.ts";
import type { CloudPort } from "../cluster/cloud-port.ts";

/**
 * Maximum numbers of concurrent uploads of blobs and of packs. Fewer packs are sent at a time, because each is joined
 * in memory while it is sent.
 */
const CONCURRENT_BLOBS = 16;
const CONCURRENT_PACKS = 4;

/** Uploads blobs and packs, a few at a time, each content once in the client's lifetime. */
export class BlobUploads {
  readonly #cloud: CloudPort;
  readonly #blobLimit = pLimit(CONCURRENT_BLOBS);
  readonly #packLimit = pLimit(CONCURRENT_PACKS);
  readonly #uploads = new Map<string, Promise<void>>();

  constructor(cloud: CloudPort) {
    this.#cloud = cloud;
  }

  /** Resolves when all objects are stored. A failed upload is retried by the next call that needs the object. */
  async put(objects: readonly StoredObject[]): Promise<void> {
    await Promise.all(objects.map((object) => this.#uploads.get(object.name) ?? this.#upload(object)));
  }

  #upload({ name, pieces }: StoredObject): Promise<void> {
    const [only] = pieces;
    const isBlob = only !== undefined && pieces.length === 1;
    const upload = (isBlob ? this.#blobLimit : this.#packLimit)(async () => {
      try {
        await this.#cloud.putBlob(name, isBlob ? only : Buffer.concat(pieces));
      } catch (error) {
        this.#uploads.delete(name);
        throw error;
      }
    });
    this.#uploads.set(name, upload);
    return upload;
  }
}
