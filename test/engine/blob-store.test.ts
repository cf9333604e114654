import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { blobClient, S3BlobStore } from "../../lambdas/adapters/blob-store.ts";
import { anAwsService, type Reply } from "./an-aws-service.ts";

const hashOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** A bucket in memory, and a store on it. */
async function aBucket() {
  const objects = new Map<string, Uint8Array>();
  const log: string[] = [];
  const conflicts = { left: 0 };
  const service = await anAwsService(({ method, path, body, headers }): Reply => {
    log.push(`${method} ${path}`);
    if (method === "PUT") {
      if (conflicts.left-- > 0) return { status: 409, body: "<Error><Code>ConditionalRequestConflict</Code></Error>" };
      if (headers["if-none-match"] === "*" && objects.has(path))
        return { status: 412, body: "<Error><Code>PreconditionFailed</Code></Error>" };
      objects.set(path, body);
      return { status: 200, body: "" };
    }
    const object = objects.get(path);
    if (object) return { status: 200, body: object };
    return { status: 403, body: "<Error><Code>AccessDenied</Code></Error>" };
  });
  const store = (options?: { overwrites: boolean }) => new S3BlobStore(blobClient(service), "bucket", options);
  return { objects, log, conflicts, store };
}

describe("the blob store", () => {
  it("the blob store returns what was put, by its hash", async () => {
    const { objects, store } = await aBucket();
    const bytes = Uint8Array.from([1, 2, 3, 250]);
    const hash = await store().put(bytes);
    expect(hash).toBe(hashOf(bytes));
    expect([...objects.keys()]).toEqual([`/bucket/blobs/${hash}`]);
    expect([...(await store().get(hash))]).toEqual([...bytes]);
  });

  it("the blob store stores the same bytes once", async () => {
    const { log, store } = await aBucket();
    const blobs = store();
    await blobs.put(Uint8Array.from([7]));
    await blobs.put(Uint8Array.from([7]));
    expect(log).toHaveLength(1);
  });

  it("the blob store overwrites nothing unless told to, and counts existing blobs as stored", async () => {
    const { objects, store } = await aBucket();
    const hash = await store().put(Uint8Array.from([1]));
    objects.set(`/bucket/blobs/${hash}`, Uint8Array.from([2]));
    expect(await store().put(Uint8Array.from([1]))).toBe(hash);
    expect([...(objects.get(`/bucket/blobs/${hash}`) ?? [])]).toEqual([2]);
    await store({ overwrites: true }).put(Uint8Array.from([1]));
    expect([...(objects.get(`/bucket/blobs/${hash}`) ?? [])]).toEqual([1]);
  });

  it("the blob store puts a blob again after a delete in between", async () => {
    const { log, conflicts, store } = await aBucket();
    conflicts.left = 1;
    await store().put(Uint8Array.from([1]));
    expect(log).toHaveLength(2);
  });

  it("the blob store refuses bytes that do not match their hash", async () => {
    const { objects, store } = await aBucket();
    const hash = await store().put(Uint8Array.from([1]));
    objects.set(`/bucket/blobs/${hash}`, Uint8Array.from([2]));
    await expect(store().get(hash)).rejects.toMatchObject({ code: "ClusterError" });
  });

  it("the blob store reports a missing blob as gone, though S3 reports denied access", async () => {
    const { store } = await aBucket();
    await expect(store().get("0".repeat(64))).rejects.toThrow("is not in the bucket");
  });

  it("the blob store stores a code unit under the hash of its source", async () => {
    const { store } = await aBucket();
    const hash = "c".repeat(64);
    await store().putCode(hash, Uint8Array.from([9, 9]));
    expect([...(await store().getCode(hash))]).toEqual([9, 9]);
    await expect(store().get(hash)).rejects.toThrow("another hash");
  });
});
