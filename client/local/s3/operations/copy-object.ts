import { closeSync } from "node:fs";
import { answerXml } from "../protocol/answer.ts";
import { isChecksumAlgorithm } from "../protocol/checksum.ts";
import { checkCondition, isKnownToCaller, writeCondition } from "../protocol/conditions.ts";
import { checksumElements, keptHeaders } from "../protocol/object-headers.ts";
import type { S3Call } from "../protocol/s3-call.ts";
import { notImplemented, preconditionFailed, S3Error } from "../protocol/s3-error.ts";
import type { ObjectFacts, OpenObject } from "../store/object-file.ts";
import type { ObjectWriter } from "../store/object-writer.ts";
import { readPieces } from "../store/read-pieces.ts";
import { openVisible } from "./get-object.ts";

const CONDITIONS = "x-amz-copy-source-";

export async function copyObject(call: S3Call): Promise<void> {
  const { bucket, key, response, headers } = call;
  const condition = writeCondition(headers);
  const mayReplace = () => checkCondition(condition, key, () => bucket.head(key));
  mayReplace();
  const source = openSource(call);
  const writer = bucket.writer();
  try {
    const { facts } = source;
    if (isKnownToCaller(facts, headers, CONDITIONS)) throw preconditionFailed(`${CONDITIONS}If-None-Match`);
    await copyContent(source, writer);
    const copied: ObjectFacts = { ...facts, key, modified: Date.now(), headers: copiedHeaders(call, facts) };
    await bucket.commit(writer, copied, mayReplace);
    const modified = new Date(copied.modified).toISOString();
    answerXml(response, "CopyObjectResult", { LastModified: modified, ETag: facts.etag, ...checksumOf(facts) });
  } catch (error) {
    await writer.discard();
    throw error;
  } finally {
    closeSync(source.fd);
  }
}

/** Copies the content of an open object. */
export async function copyContent(object: OpenObject, writer: Pick<ObjectWriter, "write">): Promise<void> {
  for await (const piece of readPieces(object, 0, object.facts.size)) await writer.write(piece);
}

function openSource(call: S3Call): OpenObject {
  const { bucketName, key } = sourceOf(String(call.headers["x-amz-copy-source"]));
  call.mustBeAllowed("s3:GetObject", bucketName, key);
  const bucket = call.otherBucket(bucketName);
  const { mustBeAllowed } = call;
  return openVisible({ bucket, bucketName, key, mustBeAllowed });
}

function sourceOf(header: string): { bucketName: string; key: string } {
  const [path = "", version] = header.split("?");
  if (version !== undefined) throw notImplemented("copying a version of an object");
  try {
    const [, bucketName, key] = /^\/?([^/]+)\/(.+)$/s.exec(decodeURIComponent(path)) ?? [];
    if (bucketName !== undefined && key !== undefined) return { bucketName, key };
  } catch {
    // The path is not UTF-8.
  }
  throw new S3Error("InvalidArgument", "Copy Source must mention the source bucket and key: sourcebucket/sourcekey");
}

function copiedHeaders({ headers, bucketName, key }: S3Call, source: ObjectFacts): Record<string, string> {
  const directive = headers["x-amz-metadata-directive"] ?? "COPY";
  if (directive === "REPLACE") return keptHeaders(headers);
  if (directive !== "COPY") throw new S3Error("InvalidArgument", "Unknown metadata directive.");
  const from = sourceOf(String(headers["x-amz-copy-source"]));
  if (from.bucketName === bucketName && from.key === key && headers["x-amz-storage-class"] === undefined)
    throw new S3Error(
      "InvalidRequest",
      "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
    );
  const { "x-amz-storage-class": own } = keptHeaders(headers);
  const { "x-amz-storage-class": _, ...kept } = source.headers;
  return own === undefined ? kept : { ...kept, "x-amz-storage-class": own };
}

function checksumOf({ checksum }: ObjectFacts): Record<string, string> {
  if (!checksum || !isChecksumAlgorithm(checksum.algorithm)) return {};
  return checksumElements({ ...checksum, algorithm: checksum.algorithm });
}
