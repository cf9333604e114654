import { ValueReader } from "../../lambdas/adapters/value-reader.ts";
import { PACK_BYTES } from "../../lambdas/core/packs.ts";
import type { CloudPort } from "../cluster/cloud-port.ts";

/**
 * Reads a pack in one request, and holds at most four in memory. Unlike an engine's, a client's reads leave AWS, where
 * bytes that nobody needs would be billed.
 */
const LIMITS = { blobs: 16, parts: 4, partBytes: 2 * PACK_BYTES, gapBytes: 32 * 1024 };

/** Reads stored values for a client. */
export class BlobReader extends ValueReader {
  constructor(cloud: CloudPort) {
    super({ get: (hash) => cloud.getBlob(hash), getPart: (pack, from, to) => cloud.getPart(pack, from, to) }, LIMITS);
  }
}
