import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { blobClient, S3BlobStore } from "../../lambdas/adapters/s3-blob-store.ts";
import { ClusterError, ValueLost } from "../../lambdas/protocol/errors.ts";
import { anAwsService, type Reply } from "./an-aws-service.ts";

const hashOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** Returns a bucket in memory, and a store on it. */
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
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? "") ?? [];
    if (object && from !== undefined) {
      if (Number(from) >= object.length) return { status: 416, body: "<Error><Code>InvalidRange</Code></Error>" };
      return { status: 206, body: object.subarray(Number(from), Number(to) + 1) };
    }
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

  it("the blob store signs a put without its content, whose CRC32 it states", async () => {
    const puts: Record<string, unknown>[] = [];
    const service = await anAwsService(({ headers }): Reply => {
      puts.push(headers);
      return { status: 200, body: "" };
    });
    await new S3BlobStore(blobClient(service), "bucket").put(Buffer.from("123456789"));
    // The check value of CRC-32: cbf43926.
    const crc = Buffer.from("cbf43926", "hex").toString("base64");
    expect(puts).toMatchObject([{ "x-amz-content-sha256": "UNSIGNED-PAYLOAD", "x-amz-checksum-crc32": crc }]);
    expect(puts[0]?.authorization).toMatch(/^AWS4-HMAC-SHA256 .*SignedHeaders=[^,]*x-amz-checksum-crc32/);
  });

  it("the blob store stores the same bytes once", async () => {
    const { log, store } = await aBucket();
    const blobs = store();
    await blobs.put(Uint8Array.from([7]));
    await blobs.put(Uint8Array.from([7]));
    expect(log).toHaveLength(1);
  });

  it("the blob store overwrites nothing by default, and counts existing blobs as stored", async () => {
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
    await expect(store().get(hash)).rejects.toBeInstanceOf(ValueLost);
  });

  it("the blob store reports a missing blob as gone, though S3 reports denied access", async () => {
    const { store } = await aBucket();
    await expect(store().get("0".repeat(64))).rejects.toThrow("is not in the S3 bucket");
  });

  it("the blob store reads a part of a pack", async () => {
    const { objects, log, store } = await aBucket();
    await store().putAs("a-pack", Uint8Array.from([1, 2, 3, 4, 5]));
    expect([...objects.keys()]).toEqual(["/bucket/blobs/a-pack"]);
    expect([...(await store().getPart("a-pack", 1, 4))]).toEqual([2, 3, 4]);
    expect(log).toEqual(["PUT /bucket/blobs/a-pack", "GET /bucket/blobs/a-pack"]);
  });

  const faults: [what: string, bytes: number[] | undefined, says: string][] = [
    ["is missing", undefined, "pack a-pack is not in the S3 bucket"],
    ["ends within the part", [1, 2, 3], "pack a-pack has changed: it ends before byte 4"],
    ["ends before the part", [1], "pack a-pack has changed: it is shorter"],
  ];
  it.each(faults)("the blob store names a pack that %s", async (_, bytes, says) => {
    const { objects, store } = await aBucket();
    if (bytes) objects.set("/bucket/blobs/a-pack", Uint8Array.from(bytes));
    const failure = await store()
      .getPart("a-pack", 1, 4)
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ValueLost);
    expect(String(failure)).toContain(says);
  });

  it("the blob store does not report a lost value if S3 fails", async () => {
    const service = await anAwsService(() => ({ status: 500, body: "<Error><Code>InternalError</Code></Error>" }));
    const store = new S3BlobStore(blobClient({ ...service, maxAttempts: 1 }), "bucket");
    const failure = await store.getPart("a-pack", 1, 4).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ClusterError);
    expect(failure).not.toBeInstanceOf(ValueLost);
  });

  it("the blob store stores a code unit under the hash of its source", async () => {
    const { store } = await aBucket();
    const hash = "c".repeat(64);
    await store().putAs(hash, Uint8Array.from([9, 9]));
    expect([...(await store().getCode(hash))]).toEqual([9, 9]);
    await expect(store().get(hash)).rejects.toThrow("does not match its hash");
  });
});
