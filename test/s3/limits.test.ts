import { randomBytes } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { expect, test } from "vitest";
import { anS3 } from "./s3-in-a-process.ts";

const Bucket = "a-bucket";

test("on a full disk, the caller gets the reason, nothing is left behind, and smaller requests succeed", {
  timeout: 60_000,
}, async () => {
  // Limits files to 1 MB, which looks like a full disk to a writer.
  const { client, folder } = await anS3("ulimit -f 2048;");
  const put = (Key: string, bytes: number) =>
    client.send(new PutObjectCommand({ Bucket, Key, Body: randomBytes(bytes) }));
  await put("fits", 500_000);
  for (const bytes of [1_200_000, 3_000_000])
    await expect(put("large", bytes)).rejects.toMatchObject({
      name: "InternalError",
      message: expect.stringMatching(/^a file has reached the size limit: see `ulimit -f` \(EFBIG/),
      $metadata: { httpStatusCode: 500 },
    });
  expect(readdirSync(join(folder, "v2", Bucket, "passing"))).toEqual([]);
  await expect(client.send(new GetObjectCommand({ Bucket, Key: "large" }))).rejects.toMatchObject({
    name: "NoSuchKey",
  });
  const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: "fits" }));
  expect((await Body?.transformToByteArray())?.length).toBe(500_000);
});
