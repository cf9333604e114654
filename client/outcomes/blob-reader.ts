import { ValueReader } from "../../lambdas/adapters/value-reader.ts";
import { PACK_BYTES } from "../../lambdas/core/packs.ts";
import type { CloudPort } from "../cluster/cloud-port.ts";

/**
 * Limits of a client's reads. A pack is read in one request, and at most four packs are in memory at once. Between
 * wanted values only short gaps are read, because traffic that leaves AWS is billed.
 */
const LIMITS = { blobs: 16, parts: 4, partBytes: 2 * PACK_BYTES, gapBytes: 32 * 1024 };

/** Reads stored values for a client. */
export class BlobReader extends ValueReader {
  constructor(cloud: CloudPort) {
    super({ get: (hash) => cloud.getBlob(hash), getPart: (pack, from, to) => cloud.getPart(pack, from, to) }, LIMITS);
  }
}
