import type { BlobStore } from "../../adapters/blob-store.ts";
import { COUNTED, countingCalls, type UsageSink } from "../../adapters/count-call.ts";

/**
 * The blob store of a bucket. Loads the S3 client at first use: most engines never need the client, and loading it
 * takes as long as loading everything else.
 *
 * @param usage counts the requests
 */
export function lazyBlobs(bucket: string, usage: UsageSink): BlobStore {
  let store: Promise<BlobStore> | undefined;
  const open = () => {
    store ??= import("../../adapters/s3-blob-store.ts").then(({ blobClient, S3BlobStore }) => {
      const client = blobClient();
      client.middlewareStack.add(countingCalls(usage), COUNTED);
      return new S3BlobStore(client, bucket);
    });
    return store;
  };
  return {
    put: async (bytes) => (await open()).put(bytes),
    get: async (hash) => (await open()).get(hash),
    getPart: async (pack, from, to) => (await open()).getPart(pack, from, to),
    putAs: async (name, bytes) => (await open()).putAs(name, bytes),
    getCode: async (hash) => (await open()).getCode(hash),
  };
}
