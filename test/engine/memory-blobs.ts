import { createHash } from "node:crypto";
import type { BlobStore } from "../../lambdas/adapters/blob-store.ts";
import { ClusterError, ValueLost } from "../../lambdas/protocol/errors.ts";

/** A blob store in memory that counts its calls. */
export class MemoryBlobs implements BlobStore {
  readonly stored = new Map<string, Uint8Array>();
  puts = 0;
  gets = 0;
  /** Awaited before each put. */
  beforePut: () => Promise<void> = () => Promise.resolve();

  async put(bytes: Uint8Array): Promise<string> {
    const hash = createHash("sha256").update(bytes).digest("hex");
    await this.putAs(hash, bytes);
    return hash;
  }

  async putAs(name: string, bytes: Uint8Array): Promise<void> {
    this.puts++;
    await this.beforePut();
    this.stored.set(name, Uint8Array.from(bytes));
  }

  get(hash: string): Promise<Uint8Array> {
    this.gets++;
    return this.getCode(hash);
  }

  async getPart(pack: string, from: number, to: number): Promise<Uint8Array> {
    this.gets++;
    const bytes = this.stored.get(pack);
    if (bytes === undefined) throw new ValueLost(`pack ${pack} is not in the bucket`);
    if (bytes.byteLength < to)
      throw new ValueLost(`pack ${pack} has changed: it ends before byte ${to}. Submit the work again`);
    return bytes.slice(from, to);
  }

  async getCode(hash: string): Promise<Uint8Array> {
    const bytes = this.stored.get(hash);
    if (bytes === undefined) throw new ClusterError(`blob ${hash} is not in the bucket`);
    return Uint8Array.from(bytes);
  }
}
