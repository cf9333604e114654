import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { closeSync } from "node:fs";
import { answerEmpty, answerXml } from "../protocol/answer.ts";
import {
  type Checksum,
  type ChecksumAlgorithm,
  type ChecksumType,
  checksumAlgorithm,
  checksumElement,
  runningChecksum,
} from "../protocol/checksum.ts";
import { checkCondition, writeCondition } from "../protocol/conditions.ts";
import { checksumElements, checksumHeaders, keptHeaders } from "../protocol/object-headers.ts";
import { receiveContent, receiveText } from "../protocol/receive-content.ts";
import type { S3Call } from "../protocol/s3-call.ts";
import { S3Error } from "../protocol/s3-error.ts";
import { childText, malformedXml, type ReadElement, readXml } from "../protocol/xml.ts";
import type { ObjectFacts } from "../store/object-file.ts";
import type { ObjectWriter } from "../store/object-writer.ts";
import type { Upload } from "../store/uploads.ts";
import { copyContent } from "./copy-object.ts";
import { writtenNow } from "./put-object.ts";

const MAX_PARTS = 10_000;
const MIN_PART_BYTES = 5 * 1024 ** 2;
const MAX_LIST_BYTES = 4 * 1024 ** 2;

export function createMultipartUpload({ bucket, bucketName, key, response, headers }: S3Call): void {
  const { "x-amz-checksum-algorithm": name, "x-amz-checksum-type": type } = headers;
  const checksum = name === undefined ? undefined : promisedChecksum(String(name), type);
  const id = bucket.uploads.begin({ key, headers: keptHeaders(headers), ...(checksum && { checksum }) });
  const promised = checksum
    ? { "x-amz-checksum-algorithm": checksum.algorithm, "x-amz-checksum-type": checksum.type }
    : undefined;
  answerXml(response, "InitiateMultipartUploadResult", { Bucket: bucketName, Key: key, UploadId: id }, promised);
}

function promisedChecksum(
  name: string,
  type: string | string[] | undefined,
): { algorithm: ChecksumAlgorithm; type: ChecksumType } {
  const algorithm = checksumAlgorithm(name);
  const canBeFull = algorithm.startsWith("CRC");
  const given = type ?? (algorithm === "CRC64NVME" ? "FULL_OBJECT" : "COMPOSITE");
  if (given === "FULL_OBJECT" && canBeFull) return { algorithm, type: given };
  if (given === "COMPOSITE" && algorithm !== "CRC64NVME") return { algorithm, type: given };
  throw new S3Error(
    "InvalidRequest",
    `The ${given} checksum type cannot be used with the ${algorithm} checksum algorithm.`,
  );
}

export async function uploadPart(call: S3Call): Promise<void> {
  const { bucket, key, query, request, response } = call;
  const part = partNumber(query.get("partNumber"));
  const id = query.get("uploadId") ?? "";
  uploadOf(call);
  const writer = bucket.writer();
  try {
    const { md5, checksum } = await receiveContent(request, writer);
    const etag = `"${md5.toString("hex")}"`;
    const facts = writtenNow(key, writer.size, etag, {}, checksum);
    // The upload may have been completed or aborted while the part was received.
    uploadOf(call);
    await writer.commit(facts, (passing) => bucket.uploads.place(id, part, passing));
    answerEmpty(response, 200, { etag, ...checksumHeaders(checksum) });
  } catch (error) {
    await writer.discard();
    throw error;
  }
}

function partNumber(text: string | undefined): number {
  const part = /^\d{1,5}$/.test(text ?? "") ? Number(text) : 0;
  if (part >= 1 && part <= MAX_PARTS) return part;
  throw new S3Error("InvalidArgument", "Part number must be an integer between 1 and 10000, inclusive");
}

/**
 * Returns the upload that a request names.
 *
 * @throws S3Error NoSuchUpload
 */
function uploadOf({ bucket, key, query }: S3Call): Upload {
  const upload = bucket.uploads.find(query.get("uploadId") ?? "");
  if (upload?.key === key) return upload;
  throw new S3Error(
    "NoSuchUpload",
    "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.",
  );
}

export function abortMultipartUpload(call: S3Call): void {
  uploadOf(call);
  call.bucket.uploads.end(call.query.get("uploadId") ?? "");
  answerEmpty(call.response, 204);
}

export async function completeMultipartUpload(call: S3Call): Promise<void> {
  const { bucket, bucketName, key, query, request, response, headers } = call;
  const id = query.get("uploadId") ?? "";
  const { headers: kept, checksum: promised } = uploadOf(call);
  const condition = writeCondition(headers);
  const mayReplace = () => checkCondition(condition, key, () => bucket.head(key));
  mayReplace();
  const parts = chosenParts(call, readXml(await receiveText(request, MAX_LIST_BYTES)));
  const writer = bucket.writer();
  try {
    const full = promised?.type === "FULL_OBJECT" ? runningChecksum(checksumAlgorithm(promised.algorithm)) : undefined;
    for (const { number } of parts) await appendPart(call, number, writer, (piece) => full?.update(piece));
    const etag = `"${hashOfHashes(parts)}-${parts.length}"`;
    const checksum = promised && wholeChecksum(promised, parts, full?.digest());
    await bucket.commit(writer, writtenNow(key, writer.size, etag, kept, checksum), mayReplace);
    bucket.uploads.end(id);
    const completed = { Location: `/${bucketName}/${key}`, Bucket: bucketName, Key: key, ETag: etag };
    answerXml(response, "CompleteMultipartUploadResult", { ...completed, ...checksumElements(checksum) });
  } catch (error) {
    await writer.discard();
    throw error;
  }
}

interface ChosenPart {
  number: number;
  facts: ObjectFacts;
}

/** Returns the parts that a request lists, after checking the parts' ETags, checksums, order and sizes. */
function chosenParts({ bucket, query }: S3Call, list: ReadElement): ChosenPart[] {
  const id = query.get("uploadId") ?? "";
  const listed = list.children.filter(({ name }) => name === "Part");
  if (list.name !== "CompleteMultipartUpload" || listed.length === 0 || listed.length > MAX_PARTS) throw malformedXml();
  const parts = listed.map((element) => {
    const number = partNumber(childText(element, "PartNumber"));
    const facts = bucket.uploads.part(id, number);
    if (!facts || !isAsListed(facts, element))
      throw new S3Error(
        "InvalidPart",
        "One or more of the specified parts could not be found. The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
        { PartNumber: number },
      );
    return { number, facts };
  });
  if (parts.some(({ number }, at) => number <= (parts[at - 1]?.number ?? 0)))
    throw new S3Error("InvalidPartOrder", "The list of parts was not in ascending order.");
  const small = parts.slice(0, -1).find(({ facts }) => facts.size < MIN_PART_BYTES);
  if (small)
    throw new S3Error("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size", {
      ProposedSize: small.facts.size,
      MinSizeAllowed: MIN_PART_BYTES,
      PartNumber: small.number,
    });
  return parts;
}

function isAsListed({ etag, checksum }: ObjectFacts, element: ReadElement): boolean {
  const listedChecksum = checksum && childText(element, `Checksum${checksum.algorithm}`);
  if (listedChecksum !== undefined && listedChecksum !== checksum?.value) return false;
  return childText(element, "ETag")?.replaceAll('"', "") === etag.replaceAll('"', "");
}

async function appendPart(
  { bucket, query }: S3Call,
  number: number,
  writer: ObjectWriter,
  pass: (piece: Uint8Array) => void,
): Promise<void> {
  const content = bucket.uploads.open(query.get("uploadId") ?? "", number);
  if (!content) throw new S3Error("InvalidPart", `Part ${number} no longer exists.`, { PartNumber: number });
  const write = (piece: Uint8Array) => {
    pass(piece);
    return writer.write(piece);
  };
  try {
    await copyContent(content, { write });
  } finally {
    closeSync(content.fd);
  }
}

/** Returns S3's ETag of an object uploaded in parts, without the suffix that states the number of parts. */
function hashOfHashes(parts: readonly ChosenPart[]): string {
  const hash = createHash("md5");
  for (const { facts } of parts) hash.update(Buffer.from(facts.etag.replaceAll('"', ""), "hex"));
  return hash.digest("hex");
}

function wholeChecksum(
  promised: NonNullable<Upload["checksum"]>,
  parts: readonly ChosenPart[],
  full: Buffer | undefined,
): Checksum | undefined {
  const algorithm = checksumAlgorithm(promised.algorithm);
  if (full) return { algorithm, value: full.toString("base64"), type: "FULL_OBJECT" };
  const running = runningChecksum(algorithm);
  for (const { number, facts } of parts) {
    if (facts.checksum?.algorithm !== algorithm)
      throw new S3Error("InvalidRequest", `Part ${number} was uploaded without ${checksumElement(algorithm)}.`);
    running.update(Buffer.from(facts.checksum.value, "base64"));
  }
  return { algorithm, value: `${running.digest().toString("base64")}-${parts.length}`, type: "COMPOSITE" };
}
