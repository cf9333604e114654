import type { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { type RunningChecksum, runningCrc32, runningCrc32c, runningCrc64Nvme } from "./running-checksum.ts";
import { notImplemented, S3Error } from "./s3-error.ts";

const hash = (name: string) => (): RunningChecksum => {
  const running = createHash(name);
  return { update: (bytes) => void running.update(bytes), digest: () => running.digest() };
};

/** The algorithms with which S3 verifies uploads. */
const ALGORITHMS = {
  CRC32: runningCrc32,
  CRC32C: runningCrc32c,
  CRC64NVME: runningCrc64Nvme,
  SHA1: hash("sha1"),
  SHA256: hash("sha256"),
  SHA512: hash("sha512"),
};

export type ChecksumAlgorithm = keyof typeof ALGORITHMS;

/** Whether a checksum is computed from the whole object, or from the checksums of its parts. */
export type ChecksumType = "FULL_OBJECT" | "COMPOSITE";

/** A checksum as S3 returns it. */
export interface Checksum {
  algorithm: ChecksumAlgorithm;
  /** Base64; followed by `-` and the number of parts if composite. */
  value: string;
  type: ChecksumType;
}

const PREFIX = "x-amz-checksum-";
/** Headers that begin like a checksum's header but hold no checksum. */
const OTHERS = new Set(["x-amz-checksum-mode", "x-amz-checksum-type", "x-amz-checksum-algorithm"]);

export function isChecksumAlgorithm(name: string): name is ChecksumAlgorithm {
  return name in ALGORITHMS;
}

/**
 * Returns the algorithm with this name.
 *
 * @throws S3Error NotImplemented for algorithms that this cloud does not support
 */
export function checksumAlgorithm(name: string): ChecksumAlgorithm {
  const algorithm = name.toUpperCase();
  if (!isChecksumAlgorithm(algorithm)) throw notImplemented(`checksums by ${algorithm}`);
  return algorithm;
}

export function runningChecksum(algorithm: ChecksumAlgorithm): RunningChecksum {
  return ALGORITHMS[algorithm]();
}

/** Name of the header that holds a checksum. */
export const checksumHeader = (algorithm: ChecksumAlgorithm) => `${PREFIX}${algorithm.toLowerCase()}`;
export const checksumElement = (algorithm: ChecksumAlgorithm) => `Checksum${algorithm}`;

/**
 * Returns the checksum that a request's headers state or promise: its algorithm, and its value unless it follows in a
 * trailer.
 *
 * @throws S3Error InvalidRequest if there are several; NotImplemented for an unsupported algorithm
 */
export function statedChecksum(
  headers: IncomingHttpHeaders,
): { algorithm: ChecksumAlgorithm; value?: string } | undefined {
  const trailer = headers["x-amz-trailer"];
  const promised = typeof trailer === "string" ? trailer.split(",").map((name) => name.trim().toLowerCase()) : [];
  const names = Object.keys(headers).filter((name) => name.startsWith(PREFIX) && !OTHERS.has(name));
  const all = [...names, ...promised.filter((name) => name.startsWith(PREFIX))];
  const [name] = all;
  if (name === undefined) return undefined;
  if (all.length > 1)
    throw new S3Error(
      "InvalidRequest",
      "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
    );
  const algorithm = checksumAlgorithm(name.slice(PREFIX.length));
  const value = headers[name];
  return { algorithm, ...(typeof value === "string" && { value }) };
}

/**
 * Compares a computed checksum with the stated one. Returns it.
 *
 * @throws S3Error BadDigest if the stated checksum is wrong; InvalidRequest if it is missing
 */
export function verifyChecksum(algorithm: ChecksumAlgorithm, stated: string | undefined, computed: Buffer): Checksum {
  const value = computed.toString("base64");
  if (stated === undefined) throw new S3Error("InvalidRequest", `The trailer ${checksumHeader(algorithm)} is missing.`);
  if (stated !== value)
    throw new S3Error("BadDigest", `The ${algorithm} you specified did not match the calculated checksum.`);
  return { algorithm, value, type: "FULL_OBJECT" };
}
