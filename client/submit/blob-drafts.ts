import { createHash } from "node:crypto";
import type { EncodedValue } from "../../lambdas/protocol/function-reference.ts";

/** What a submission has to put into the blob store before its message is sent: each content once, by its hash. */
export class BlobDrafts {
  readonly blobs: Map<string, Uint8Array> = new Map();

  /** The value as it goes into a message: itself when it is text, else a claim check on the drafted blob. */
  encoded(value: string | Uint8Array): EncodedValue {
    if (typeof value === "string") return value;
    return { blob: this.add(value), bytes: value.byteLength };
  }

  add(bytes: Uint8Array): string {
    const hash = createHash("sha256").update(bytes).digest("hex");
    this.blobs.set(hash, bytes);
    return hash;
  }

  /** Drafts bytes that go by another hash than their own: a code unit's Brotli by its source's. */
  addAs(hash: string, bytes: Uint8Array): void {
    this.blobs.set(hash, bytes);
  }
}
