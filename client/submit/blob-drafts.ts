import { createHash } from "node:crypto";
import type { EncodedValue } from "../../lambdas/protocol/function-reference.ts";

/** The blobs that a submission must upload before its message is sent, each content once, by hash. */
export class BlobDrafts {
  readonly blobs: Map<string, Uint8Array> = new Map();

  /** Encodes a value for a message: a string unchanged, bytes as a claim check on a drafted blob. */
  encoded(value: string | Uint8Array): EncodedValue {
    if (typeof value === "string") return value;
    return { blob: this.add(value), bytes: value.byteLength };
  }

  add(bytes: Uint8Array): string {
    const hash = createHash("sha256").update(bytes).digest("hex");
    this.blobs.set(hash, bytes);
    return hash;
  }

  /** Drafts bytes stored under another hash than their own: a Brotli-compressed code unit under its source's. */
  addAs(hash: string, bytes: Uint8Array): void {
    this.blobs.set(hash, bytes);
  }
}
