import { createHash } from "node:crypto";
import { constants, createReadStream, existsSync, readdirSync } from "node:fs";
import { appendFile, chmod, copyFile, readFile, rm, rmdir, stat } from "node:fs/promises";
import { join, sep } from "node:path";
import * as v from "valibot";
import { ClusterError } from "../../../../lambdas/protocol/errors.ts";
import { becauseOfSystem } from "../../processes/system-failure.ts";
import type { BucketStore } from "./bucket-store.ts";
import { DEFAULT_TYPE, fileEnd } from "./object-file.ts";

/** Earlier versions stored objects with s3rver: a folder per bucket, a path per key, three files per object. */

const S3RVER = "._S3rver_";
const CONTENT = `${S3RVER}object`;
const METADATA = `${S3RVER}metadata.json`;
/** The stored headers of an object, and fields that s3rver added. */
const Metadata = v.record(v.string(), v.string());

/**
 * Converts the objects that s3rver stored in `folder` to the current format, one by one, so that an interrupted
 * conversion can continue. Drops incomplete multipart uploads.
 *
 * @param form the subfolder for objects in the current format
 * @param bucket opens a bucket in that subfolder
 */
export async function convertS3rverFolder(
  folder: string,
  form: string,
  bucket: (name: string) => BucketStore,
): Promise<void> {
  if (!existsSync(folder)) return;
  const entries = readdirSync(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory() && entry.name !== form).map(({ name }) => name);
  if (names.some((name) => /^v\d+$/.test(name)))
    throw new ClusterError(
      `the objects in ${folder} were written by a newer version of fantail: use that version, or choose another data folder`,
    );
  try {
    for (const name of names) await convertBucket(join(folder, name), bucket(name));
  } catch (error) {
    const failure = `the objects that an earlier version of fantail wrote to ${folder} could not be converted`;
    throw becauseOfSystem(error, failure, "then start the cluster again");
  }
}

async function convertBucket(folder: string, bucket: BucketStore): Promise<void> {
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" });
  for (const path of paths) {
    const key = path.split(sep).join("/").slice(0, -CONTENT.length);
    if (path.endsWith(CONTENT)) await convertObject(join(folder, path), key, bucket);
  }
  // Other files do not belong to fantail and must stay.
  for (const path of paths) if (path.includes(S3RVER)) await rm(join(folder, path), { recursive: true, force: true });
  for (const path of [...paths.sort((a, b) => b.length - a.length), "."])
    await rmdir(join(folder, path)).catch(() => {});
}

async function convertObject(file: string, key: string, bucket: BucketStore): Promise<void> {
  const { size, mtimeMs } = await stat(file);
  const etag = `"${await md5Of(file)}"`;
  const facts = { key, size, etag, modified: Math.floor(mtimeMs), headers: await headersOf(file) };
  const passing = bucket.passing();
  await copyFile(file, passing, constants.COPYFILE_FICLONE);
  await chmod(passing, 0o600);
  await appendFile(passing, fileEnd(facts));
  bucket.place(passing, key);
}

async function headersOf(file: string): Promise<Record<string, string>> {
  try {
    const text = await readFile(`${file.slice(0, -CONTENT.length)}${METADATA}`, "utf8");
    const { "x-amz-storage-class": _, ...headers } = v.parse(Metadata, JSON.parse(text));
    return headers;
  } catch {
    // s3rver wrote the metadata after the content, so a crash in between left it missing or incomplete.
    return { "content-type": DEFAULT_TYPE };
  }
}

async function md5Of(file: string): Promise<string> {
  const kept = await readFile(`${file}.md5`, "utf8").catch(() => "");
  if (/^[0-9a-f]{32}$/.test(kept)) return kept;
  const md5 = createHash("md5");
  for await (const piece of createReadStream(file)) md5.update(piece);
  return md5.digest("hex");
}
