import { Buffer } from "node:buffer";
import { ACCOUNT, REGION } from "../../stack/resource-names.ts";
import { answerEmpty, answerXml } from "../protocol/answer.ts";
import { listedStorageClass } from "../protocol/object-headers.ts";
import type { S3Call } from "../protocol/s3-call.ts";
import { S3Error } from "../protocol/s3-error.ts";
import type { XmlFields } from "../protocol/xml.ts";
import type { ListPosition } from "../store/list-page.ts";
import type { ObjectFacts } from "../store/object-file.ts";

const MAX_KEYS = 1_000;
const OWNER = { ID: ACCOUNT, DisplayName: "embedded" };

/** Reads the parameters common to both versions of the operation. */
function listing({ query, bucketName }: S3Call) {
  const [prefix, delimiter] = [query.get("prefix") ?? "", query.get("delimiter") ?? ""];
  const most = maxKeys(query.get("max-keys"));
  const encode = encoding(query.get("encoding-type"));
  const fields = {
    Name: bucketName,
    Prefix: encode(prefix),
    MaxKeys: most,
    ...(delimiter !== "" && { Delimiter: encode(delimiter) }),
    EncodingType: query.get("encoding-type"),
  };
  return { prefix, delimiter, most, encode, fields };
}

export async function listObjectsV2(call: S3Call): Promise<void> {
  const { bucket, query, response } = call;
  if (query.get("list-type") !== "2")
    throw new S3Error("InvalidArgument", "Invalid List Type specified in Query String");
  const { encode, fields, ...request } = listing(call);
  const [token, startAfter] = [query.get("continuation-token"), query.get("start-after")];
  const start = startAfter === undefined ? undefined : { text: startAfter, isPrefix: false };
  const after = token === undefined ? start : positionOf(token);
  const { objects, prefixes, last } = await bucket.list({ ...request, after });
  const hasOwner = query.get("fetch-owner") === "true";
  answerXml(response, "ListBucketResult", {
    ...fields,
    StartAfter: startAfter === undefined ? undefined : encode(startAfter),
    KeyCount: objects.length + prefixes.length,
    ContinuationToken: token,
    NextContinuationToken: last && tokenOf(last),
    IsTruncated: last !== undefined,
    Contents: objects.map((facts) => listed(facts, encode, hasOwner)),
    CommonPrefixes: prefixes.map((one) => ({ Prefix: encode(one) })),
  });
}

/** Serves ListObjects, version 1. */
export async function listObjects(call: S3Call): Promise<void> {
  const { bucket, query, response } = call;
  const { encode, fields, ...request } = listing(call);
  const marker = query.get("marker") ?? "";
  const isPrefix = request.delimiter !== "" && marker.endsWith(request.delimiter);
  const after = marker === "" ? undefined : { text: marker, isPrefix };
  const { objects, prefixes, last } = await bucket.list({ ...request, after });
  answerXml(response, "ListBucketResult", {
    ...fields,
    Marker: encode(marker),
    NextMarker: last && request.delimiter !== "" ? encode(last.text) : undefined,
    IsTruncated: last !== undefined,
    Contents: objects.map((facts) => listed(facts, encode, true)),
    CommonPrefixes: prefixes.map((one) => ({ Prefix: encode(one) })),
  });
}

export function headBucket({ response }: S3Call): void {
  answerEmpty(response, 200, { "x-amz-bucket-region": REGION });
}

export function getBucketLocation({ response }: S3Call): void {
  answerXml(response, "LocationConstraint", {}, {});
}

function listed(facts: ObjectFacts, encode: (text: string) => string, hasOwner: boolean): XmlFields {
  const { key, size, etag, modified, checksum } = facts;
  return {
    Key: encode(key),
    LastModified: new Date(modified).toISOString(),
    ETag: etag,
    ...(checksum && { ChecksumAlgorithm: checksum.algorithm, ChecksumType: checksum.type }),
    Size: size,
    StorageClass: listedStorageClass(facts),
    ...(hasOwner && { Owner: OWNER }),
  };
}

function maxKeys(text: string | undefined): number {
  if (text === undefined) return MAX_KEYS;
  if (!/^\d{1,10}$/.test(text) || Number(text) > 2 ** 31 - 1)
    throw new S3Error("InvalidArgument", "Argument maxKeys must be an integer between 0 and 2147483647", {
      ArgumentName: "max-keys",
      ArgumentValue: text,
    });
  return Math.min(Number(text), MAX_KEYS);
}

function encoding(type: string | undefined): (text: string) => string {
  if (type === undefined) return (text) => text;
  if (type === "url") return (text) => encodeURIComponent(text).replaceAll("%2F", "/");
  throw new S3Error("InvalidArgument", "Invalid Encoding Method specified in Request");
}

function tokenOf({ text, isPrefix }: ListPosition): string {
  return Buffer.from(`${isPrefix ? "p" : "k"}${text}`).toString("base64url");
}

function positionOf(token: string): ListPosition {
  const [kind, text] = [
    Buffer.from(token, "base64url").toString().slice(0, 1),
    Buffer.from(token, "base64url").toString().slice(1),
  ];
  if (kind !== "p" && kind !== "k")
    throw new S3Error("InvalidArgument", "The continuation token provided is incorrect");
  return { text, isPrefix: kind === "p" };
}
