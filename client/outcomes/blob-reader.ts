import pLimit from "p-limit";
import type { CloudPort } from "../cluster/cloud-port.ts";

const CONCURRENT_READS = 16;

/** Fetches blobs, a few at a time. Concurrent reads of the same content share one fetch. */
export class BlobReader {
  readonly #cloud: CloudPort;
  readonly #limit = pLimit(CONCURRENT_READS);
  readonly #underWay = new Map<string, Promise<Uint8Array>>();

  constructor(cloud: CloudPort) {
    this.#cloud = cloud;
  }

  get(hash: string): Promise<Uint8Array> {
    const shared = this.#underWay.get(hash);
    if (shared) return shared;
    const done = () => this.#underWay.delete(hash);
    const fetched = this.#limit(() => this.#cloud.getBlob(hash));
    this.#underWay.set(hash, fetched);
    fetched.then(done, done);
    return fetched;
  }
}
