import { Buffer } from "node:buffer";
import { createHash, type Hash } from "node:crypto";
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { AwsChunkedDecoder, incompleteBody } from "./aws-chunked.ts";
import { type Checksum, checksumHeader, runningChecksum, statedChecksum, verifyChecksum } from "./checksum.ts";
import { S3Error } from "./s3-error.ts";

/** Size in bytes of the largest object, or part of one, that S3 accepts in one request. */
const MAX_BYTES = 5 * 1024 ** 3;

/** Digests of a received body. */
export interface ReceivedContent {
  md5: Buffer;
  /** The checksum sent with the body, verified; undefined if none was sent. */
  checksum: Checksum | undefined;
}

/** Receives content. `write` returns a promise only if the caller must wait before the next piece. */
export interface ContentSink {
  write(piece: Buffer): Promise<void> | undefined;
}

/**
 * Streams a request's decoded content to `sink`.
 *
 * @throws S3Error if the length, MD5, checksum or SHA-256 differs from the headers. In that case discard what `sink`
 * received
 */
export async function receiveContent(request: IncomingMessage, sink: ContentSink): Promise<ReceivedContent> {
  const { headers } = request;
  const expectedBytes = contentLength(headers);
  const stated = statedChecksum(headers);
  const running = stated && runningChecksum(stated.algorithm);
  const [md5, sha256] = [createHash("md5"), statedSha256(headers)];
  const decoder = isChunked(headers) ? new AwsChunkedDecoder() : undefined;
  let bytes = 0;
  // Keep the connection open if the content is refused, so that the error can be sent.
  for await (const received of request.iterator({ destroyOnReturn: false })) {
    if (!Buffer.isBuffer(received)) continue;
    for (const piece of decoder ? decoder.decode(received) : [received]) {
      bytes += piece.length;
      if (bytes > expectedBytes) throw incompleteBody();
      md5.update(piece);
      sha256?.running.update(piece);
      running?.update(piece);
      const written = sink.write(piece);
      if (written) await written;
    }
  }
  decoder?.end();
  if (bytes !== expectedBytes) throw incompleteBody();
  const digest = md5.digest();
  verifyMd5(headers, digest);
  verifySha256(sha256);
  const value = stated && (stated.value ?? decoder?.trailers.get(checksumHeader(stated.algorithm)));
  const checksum = stated && running && verifyChecksum(stated.algorithm, value, running.digest());
  return { md5: digest, checksum };
}

/** Reads a whole body of bounded length as text, such as a list in XML. */
export async function receiveText(request: IncomingMessage, mostBytes: number): Promise<string> {
  if (contentLength(request.headers) > mostBytes) throw new S3Error("EntityTooLarge", "The request is too long.");
  const pieces: Buffer[] = [];
  await receiveContent(request, { write: (piece) => void pieces.push(piece) });
  return Buffer.concat(pieces).toString("utf8");
}

function isChunked(headers: IncomingHttpHeaders): boolean {
  return String(headers["x-amz-content-sha256"] ?? "").startsWith("STREAMING-");
}

/**
 * Returns the length of a request's decoded content, in bytes.
 *
 * @throws S3Error if the headers do not state the length, or it is too large
 */
function contentLength(headers: IncomingHttpHeaders): number {
  const text = isChunked(headers) ? headers["x-amz-decoded-content-length"] : headers["content-length"];
  if (typeof text !== "string" || !/^\d{1,15}$/.test(text)) {
    // A request without a body need not state a length.
    if (text === undefined && headers["transfer-encoding"] === undefined && !isChunked(headers)) return 0;
    throw new S3Error("MissingContentLength", "You must provide the Content-Length HTTP header.");
  }
  const bytes = Number(text);
  if (bytes > MAX_BYTES)
    throw new S3Error("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size", {
      ProposedSize: bytes,
      MaxSizeAllowed: MAX_BYTES,
    });
  return bytes;
}

function verifyMd5(headers: IncomingHttpHeaders, md5: Buffer): void {
  const stated = headers["content-md5"];
  if (stated === undefined) return;
  if (Buffer.from(String(stated), "base64").length !== md5.length)
    throw new S3Error("InvalidDigest", "The Content-MD5 you specified was invalid.");
  if (stated !== md5.toString("base64"))
    throw new S3Error("BadDigest", "The Content-MD5 you specified did not match what we received.");
}

/** Returns the content's SHA-256 as signed, and a hash to compute it again; undefined if the content was not signed. */
function statedSha256(headers: IncomingHttpHeaders): { stated: string; running: Hash } | undefined {
  const stated = headers["x-amz-content-sha256"];
  if (stated === undefined || stated === "UNSIGNED-PAYLOAD" || isChunked(headers)) return undefined;
  if (typeof stated === "string" && /^[0-9a-f]{64}$/i.test(stated)) return { stated, running: createHash("sha256") };
  throw new S3Error(
    "InvalidArgument",
    "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD or a valid sha256 value.",
  );
}

function verifySha256(sha256: { stated: string; running: Hash } | undefined): void {
  if (sha256 && sha256.running.digest("hex") !== sha256.stated.toLowerCase())
    throw new S3Error(
      "XAmzContentSHA256Mismatch",
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
    );
}
