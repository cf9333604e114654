import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { GetObjectCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import { expect, onTestFinished, test } from "vitest";
import { startS3 } from "../../client/local/s3/start-s3.ts";
import { everyone, s3ClientOf } from "./an-s3.ts";

function aFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "fantail-s3-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes a file of s3rver's format. */
function write(folder: string, path: string, content: string | Buffer): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
}

function writeObject(folder: string, path: string, content: string, metadata: string, md5?: string): void {
  write(folder, `${path}._S3rver_object`, content);
  write(folder, `${path}._S3rver_metadata.json`, metadata);
  if (md5 !== undefined) write(folder, `${path}._S3rver_object.md5`, md5);
}

async function started(folder: string, bucket: string) {
  const s3 = await startS3({ blobsFolder: folder, buckets: [bucket], principals: everyone() });
  const client = s3ClientOf(s3.port);
  onTestFinished(() => {
    client.destroy();
    s3.server.closeAllConnections();
    s3.server.close();
  });
  const get = async (Key: string) => {
    const answer = await client.send(new GetObjectCommand({ Bucket: bucket, Key }));
    return { ...answer, text: await answer.Body?.transformToString() };
  };
  const keys = async () =>
    (await client.send(new ListObjectsV2Command({ Bucket: bucket }))).Contents?.map(({ Key }) => Key) ?? [];
  return { get, keys };
}

test("a data folder of an earlier version is converted when it is opened", async () => {
  const folder = aFolder();
  const md5 = "5d41402abc4b2a76b9719d911017c592";
  writeObject(folder, "my-bucket/blobs/a", "hello", '{"content-type":"text/plain","x-amz-meta-a":"1"}', md5);
  // As after a crash: without an MD5, and with half-written metadata.
  writeObject(folder, "my-bucket/blobs/deep/er", "hello", '{"content-t');
  writeObject(folder, "other-bucket/x", "y", "{}");
  write(folder, "my-bucket/._S3rver_uploads/0123/1", "part");
  write(folder, "my-bucket/notes.txt", "the user's own");
  const { get, keys } = await started(folder, "my-bucket");
  expect(await keys()).toEqual(["blobs/a", "blobs/deep/er"]);
  expect(await get("blobs/a")).toMatchObject({
    text: "hello",
    ContentType: "text/plain",
    Metadata: { a: "1" },
    ETag: `"${md5}"`,
  });
  expect(await get("blobs/deep/er")).toMatchObject({ text: "hello", ETag: `"${md5}"` });
  expect(existsSync(join(folder, "other-bucket"))).toBe(false);
  expect(readdirSync(join(folder, "my-bucket"))).toEqual(["notes.txt"]);
  const object = readdirSync(join(folder, "v2/my-bucket/objects")).map((name) =>
    join(folder, "v2/my-bucket/objects", name),
  );
  expect(object.map((file) => statSync(file).mode & 0o777)).toEqual([0o600, 0o600]);
  // The conversion is done once: a second start changes nothing.
  const again = await started(folder, "other-bucket");
  expect((await again.get("x")).text).toBe("y");
});

test("an interrupted conversion continues at the next start", async () => {
  const folder = aFolder();
  writeObject(folder, "my-bucket/a", "first", "{}");
  await started(folder, "my-bucket");
  writeObject(folder, "my-bucket/a", "first", "{}");
  writeObject(folder, "my-bucket/b", "second", "{}");
  const { get } = await started(folder, "my-bucket");
  expect([(await get("a")).text, (await get("b")).text]).toEqual(["first", "second"]);
});

test("a data folder of a newer version is refused", async () => {
  const folder = aFolder();
  mkdirSync(join(folder, "v3"));
  await expect(startS3({ blobsFolder: folder, buckets: ["my-bucket"], principals: everyone() })).rejects.toMatchObject({
    code: "ClusterError",
    message: expect.stringMatching(/newer version of fantail: use that version, or choose another data folder/),
  });
});

test("the error of an impossible conversion names the reason and the remedy", async () => {
  const folder = aFolder();
  writeObject(folder, "my-bucket/a", "x", "{}");
  writeFileSync(join(folder, "v2"), "");
  await expect(startS3({ blobsFolder: folder, buckets: ["my-bucket"], principals: everyone() })).rejects.toMatchObject({
    code: "ClusterError",
    message: expect.stringMatching(
      /could not be converted: part of the path is a file .*; then start the cluster again/,
    ),
  });
});
