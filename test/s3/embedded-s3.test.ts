import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  GetObjectAclCommand,
  GetObjectCommand,
  ListBucketsCommand,
  ListPartsCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startS3 } from "../../client/local/s3/start-s3.ts";
import { everyone, s3ClientOf } from "./an-s3.ts";
import { s3Contract } from "./s3-contract.ts";

const Bucket = "a-bucket";
let folder: string;
let started: Awaited<ReturnType<typeof startS3>>;
let client: S3Client;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "fantail-s3-"));
  started = await startS3({ blobsFolder: folder, buckets: [Bucket], principals: everyone() });
  client = s3ClientOf(started.port);
});
afterAll(() => {
  client.destroy();
  started.server.closeAllConnections();
  started.server.close();
  rmSync(folder, { recursive: true, force: true });
});

describe("the embedded S3", () => {
  s3Contract({ bucket: Bucket, client: () => client });

  test("the embedded S3 also serves a client without forcePathStyle", async () => {
    const plain = s3ClientOf(started.port, { forcePathStyle: false });
    await plain.send(new PutObjectCommand({ Bucket, Key: "plain", Body: "x" }));
    expect(await (await plain.send(new GetObjectCommand({ Bucket, Key: "plain" }))).Body?.transformToString()).toBe(
      "x",
    );
    plain.destroy();
  });

  test("unsupported operations are refused by name", async () => {
    const at = { Bucket, Key: "plain" };
    const refused = { name: "NotImplemented", $metadata: { httpStatusCode: 501 } };
    const calls: [name: RegExp, call: () => Promise<unknown>][] = [
      [/CreateBucket/, () => client.send(new CreateBucketCommand({ Bucket: "another-bucket" }))],
      [/DeleteBucket/, () => client.send(new DeleteBucketCommand({ Bucket }))],
      [/ListBuckets/, () => client.send(new ListBucketsCommand())],
      [/GET on an object with \?acl/, () => client.send(new GetObjectAclCommand(at))],
      [
        /PUT on an object with \?tagging/,
        () => client.send(new PutObjectTaggingCommand({ ...at, Tagging: { TagSet: [] } })),
      ],
      [/ListParts/, () => client.send(new ListPartsCommand({ ...at, UploadId: "x" }))],
      [/versionId/, () => client.send(new GetObjectCommand({ ...at, VersionId: "x" }))],
      [/x-amz-tagging/, () => client.send(new PutObjectCommand({ ...at, Tagging: "a=b" }))],
      [/XXHASH/, () => client.send(new PutObjectCommand({ ...at, Body: "x", ChecksumXXHASH64: "AAAAAAAAAAA=" }))],
    ];
    for (const [message, call] of calls)
      await expect(call()).rejects.toMatchObject({ ...refused, message: expect.stringMatching(message) });
  });
});
