import { randomBytes } from "node:crypto";
import { request } from "node:http";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Cloud, startCloudOf } from "../../client/local/cloud.ts";
import { named, sdkClients, writeStack } from "./a-stack.ts";

const Bucket = named("Blobs").toLowerCase();

let cloud: Cloud;
let s3: ReturnType<typeof sdkClients>["s3"];
beforeAll(async () => {
  cloud = await startCloudOf({
    stack: {
      template: writeStack({ functions: {}, buckets: ["Blobs"] }),
      clientMay: [
        { effect: "Allow", actions: ["s3:GetObject", "s3:PutObject"], resources: [`arn:aws:s3:::${Bucket}/blobs/*`] },
      ],
    },
  });
  s3 = sdkClients(cloud.connection).s3;
});
beforeEach(() => cloud.resetMeter());
afterAll(() => cloud.close());

const put = (Key: string, Body: Uint8Array) => s3.send(new PutObjectCommand({ Bucket, Key, Body }));
async function get(Key: string): Promise<Uint8Array | undefined> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
  return Body?.transformToByteArray();
}
const denied = { name: "AccessDenied", $metadata: { httpStatusCode: 403 } };

test("an object is returned byte for byte", async () => {
  for (const bytes of [0, 1, 300_000, 7_000_000]) {
    const body = randomBytes(bytes);
    await put(`blobs/${bytes}`, body);
    expect(Buffer.compare(Buffer.from((await get(`blobs/${bytes}`)) ?? []), body)).toBe(0);
  }
});

test("an operation that the policy does not grant is denied", async () => {
  await expect(put("elsewhere/a", randomBytes(5))).rejects.toMatchObject(denied);
  await expect(s3.send(new DeleteObjectCommand({ Bucket, Key: "blobs/1" }))).rejects.toMatchObject(denied);
  await expect(s3.send(new ListObjectsV2Command({ Bucket }))).rejects.toMatchObject(denied);
});

test("a caller without permission to list gets access denied for a missing object", async () => {
  await expect(get("blobs/none")).rejects.toMatchObject(denied);
  await expect(s3.send(new HeadObjectCommand({ Bucket, Key: "blobs/none" }))).rejects.toMatchObject({
    $metadata: { httpStatusCode: 403 },
  });
});

test("no key reaches a file outside the bucket", async () => {
  // S3 rejects a key whose `..` segments lead above its root; in other keys they have no meaning.
  await expect(get("blobs/../../../etc/passwd")).rejects.toMatchObject({ $metadata: { httpStatusCode: 400 } });
  await put("blobs/../blobs/a", Buffer.from("by itself"));
  expect(Buffer.from((await get("blobs/../blobs/a")) ?? []).toString()).toBe("by itself");
  await expect(get("blobs/a")).rejects.toMatchObject(denied);
});

test("an object whose upload was interrupted does not exist", async () => {
  const { endpoints, credentials } = cloud.connection;
  await new Promise<void>((resolve) => {
    const call = request(`${endpoints?.s3}/${Bucket}/blobs/broken`, {
      method: "PUT",
      headers: {
        authorization: `AWS4-HMAC-SHA256 Credential=${credentials?.accessKeyId}/`,
        "x-amz-content-sha256": "UNSIGNED-PAYLOAD",
        "content-length": 1_000,
      },
    });
    call.on("error", () => resolve());
    call.write("only this", () => call.destroy(new Error("gone")));
  });
  await put("blobs/whole", randomBytes(5));
  await expect(get("blobs/broken")).rejects.toMatchObject(denied);
});

test("readers of an object that is overwritten repeatedly always see one whole version", async () => {
  const versions = [1, 2].map((fill) => Buffer.alloc(200_000, fill));
  await put("blobs/busy", versions[0] ?? Buffer.alloc(0));
  const seen = await Promise.all(
    Array.from({ length: 20 }, async (_, turn) => {
      if (turn % 2 === 0) await put("blobs/busy", versions[(turn / 2) % 2] ?? Buffer.alloc(0));
      return Buffer.from((await get("blobs/busy")) ?? []);
    }),
  );
  expect(seen.every((body) => versions.some((version) => version.equals(body)))).toBe(true);
});

test("of many concurrent puts that may only create, one creates the object", async () => {
  const create = (Key: string, Body: Uint8Array) =>
    s3.send(new PutObjectCommand({ Bucket, Key, Body, IfNoneMatch: "*" }));
  const bodies = Array.from({ length: 8 }, (_, fill) => Buffer.alloc(100_000, fill));
  const outcomes = await Promise.allSettled(bodies.map((body) => create("blobs/new", body)));
  const winner = outcomes.findIndex(({ status }) => status === "fulfilled");
  const refused = outcomes.filter((outcome) => outcome.status === "rejected").map(({ reason }) => reason);
  expect(refused).toHaveLength(7);
  for (const reason of refused)
    expect(reason).toMatchObject({ name: "PreconditionFailed", $metadata: { httpStatusCode: 412 } });
  expect(Buffer.from((await get("blobs/new")) ?? []).equals(bodies[winner] ?? Buffer.alloc(0))).toBe(true);
  await put("blobs/new", Buffer.from("over it"));
  expect(Buffer.from((await get("blobs/new")) ?? []).toString()).toBe("over it");
  await expect(
    s3.send(new PutObjectCommand({ Bucket, Key: "blobs/new", Body: "x", IfNoneMatch: '"etag"' })),
  ).rejects.toMatchObject({ $metadata: { httpStatusCode: 501 } });
});

test("puts and gets are counted by caller", async () => {
  await put("blobs/counted", randomBytes(1_000));
  await get("blobs/counted");
  expect((await cloud.meter()).traffic.s3.client).toMatchObject({
    calls: 2,
    operations: { PutObject: 1, GetObject: 1 },
    requestBytes: 1_000,
    responseBytes: 1_000,
  });
});
