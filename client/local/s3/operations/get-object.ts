import { Buffer } from "node:buffer";
import { closeSync, readSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { answerEmpty } from "../protocol/answer.ts";
import { type ByteRange, parseRange } from "../protocol/byte-range.ts";
import { isKnownToCaller } from "../protocol/conditions.ts";
import { checksumHeaders, objectHeaders } from "../protocol/object-headers.ts";
import type { S3Call } from "../protocol/s3-call.ts";
import { noSuchKey, S3Error } from "../protocol/s3-error.ts";
import type { ObjectFacts, OpenObject } from "../store/object-file.ts";
import { readPieces, truncated } from "../store/read-pieces.ts";

/** Up to this size, objects are read synchronously, which costs less CPU than the thread pool. */
const AT_ONCE_BYTES = 256 * 1024;

/** Serves GetObject and HeadObject. */
export async function getObject(call: S3Call): Promise<void> {
  const { operation, response, headers, query, pace } = call;
  const object = openVisible(call);
  try {
    const { facts } = object;
    if (isKnownToCaller(facts, headers)) {
      answerEmpty(response, 304, { etag: facts.etag, "last-modified": new Date(facts.modified).toUTCString() });
      return;
    }
    const range = isStale(facts, headers["if-range"]) ? undefined : parseRange(headers.range, facts.size);
    const { start, length } = span(range, facts.size);
    if (pace && operation === "GetObject") await pace.answer(length);
    response.writeHead(range ? 206 : 200, {
      ...objectHeaders(facts, query),
      "content-length": length,
      ...(range && { "content-range": `bytes ${start}-${range.end}/${facts.size}` }),
      // The checksum is of the whole object, so it is not sent with a range.
      ...(!range && headers["x-amz-checksum-mode"] === "ENABLED" && checksumHeaders(facts.checksum)),
    });
    if (operation === "HeadObject" || length === 0) response.end();
    else if (length <= AT_ONCE_BYTES) response.end(readAtOnce(object, start, length));
    else await sendPieces(response, object, start, length);
  } finally {
    closeSync(object.fd);
  }
}

/**
 * Opens an object, or fails as S3 does: a caller without permission to list the bucket must not learn that a key does
 * not exist.
 */
export function openVisible({
  bucket,
  bucketName,
  key,
  mustBeAllowed,
}: Pick<S3Call, "bucket" | "bucketName" | "key" | "mustBeAllowed">) {
  const object = bucket.open(key);
  if (object) return object;
  mustBeAllowed("s3:ListBucket", bucketName);
  throw noSuchKey(key);
}

function span(range: ByteRange | undefined, size: number): { start: number; length: number } {
  return range ? { start: range.start, length: range.end - range.start + 1 } : { start: 0, length: size };
}

/** Whether If-Range names another version of the object. If so, the whole object is returned. */
function isStale({ etag }: ObjectFacts, ifRange: string | string[] | undefined): boolean {
  return ifRange !== undefined && ifRange !== etag;
}

function readAtOnce({ fd, facts }: OpenObject, start: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  for (let done = 0; done < length; ) {
    const read = readSync(fd, bytes, done, length - done, start + done);
    if (read === 0) throw new S3Error("InternalError", truncated(facts.key));
    done += read;
  }
  return bytes;
}

/** Sends `length` bytes of an object from `start` on, no faster than the caller reads. */
async function sendPieces(response: ServerResponse, object: OpenObject, start: number, length: number): Promise<void> {
  for await (const piece of readPieces(object, start, length)) {
    if (response.destroyed) return;
    if (!response.write(piece)) await drained(response);
  }
  response.end();
}

/** Resolves once more can be written, or the connection has closed. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const settle = () => {
      response.off("drain", settle).off("close", settle);
      resolve();
    };
    response.on("drain", settle).on("close", settle);
  });
}
