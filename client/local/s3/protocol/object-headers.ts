import { Buffer } from "node:buffer";
import type { IncomingHttpHeaders } from "node:http";
import { DEFAULT_TYPE, type ObjectFacts } from "../store/object-file.ts";
import { type Checksum, checksumElement, checksumHeader, isChecksumAlgorithm } from "./checksum.ts";
import { S3Error } from "./s3-error.ts";
import { RESPONSE_HEADERS } from "./s3-operation.ts";

/** Headers that S3 stores with an object and returns with it. */
const KEPT = [
  "cache-control",
  "content-disposition",
  "content-encoding",
  "content-language",
  "content-type",
  "expires",
  "x-amz-website-redirect-location",
];
const METADATA = "x-amz-meta-";
const MAX_METADATA_BYTES = 2_048;
const STORAGE_CLASS = "x-amz-storage-class";
/** Storage classes whose objects can be read without restoring them first. */
const STORAGE_CLASSES = [
  "STANDARD",
  "REDUCED_REDUNDANCY",
  "STANDARD_IA",
  "ONEZONE_IA",
  "INTELLIGENT_TIERING",
  "GLACIER_IR",
];

/** Returns the headers of a request that are stored with the object. */
export function keptHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const kept: Record<string, string> = { "content-type": DEFAULT_TYPE };
  let bytes = 0;
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value !== "string") continue;
    if (name.startsWith(METADATA))
      bytes += Buffer.byteLength(name) - METADATA.length + Buffer.byteLength(value, "latin1");
    else if (!KEPT.includes(name)) continue;
    if (value !== "") kept[name] = value;
    else if (name.startsWith(METADATA)) kept[name] = value;
  }
  if (bytes > MAX_METADATA_BYTES)
    throw new S3Error("MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size", {
      Size: bytes,
      MaxSizeAllowed: MAX_METADATA_BYTES,
    });
  const encoding = withoutChunking(kept["content-encoding"]);
  if (encoding === undefined) delete kept["content-encoding"];
  else kept["content-encoding"] = encoding;
  const storage = storageClass(headers);
  return storage === undefined ? kept : { ...kept, [STORAGE_CLASS]: storage };
}

/** Removes `aws-chunked`, which is an encoding of the request and not of the object. */
function withoutChunking(encoding: string | undefined): string | undefined {
  const rest = encoding?.split(",").filter((one) => one.trim() !== "aws-chunked");
  return rest === undefined || rest.length === 0 ? undefined : rest.join(",").trim();
}

/** Returns the storage class unless it is the default, which S3 omits from responses. */
function storageClass(headers: IncomingHttpHeaders): string | undefined {
  const given = headers[STORAGE_CLASS];
  if (given === undefined || given === "STANDARD") return undefined;
  if (typeof given === "string" && STORAGE_CLASSES.includes(given)) return given;
  throw new S3Error("InvalidStorageClass", `The embedded S3 has no storage class ${given}`);
}

/** Returns the response headers for an object, except its length. */
export function objectHeaders(
  { etag, modified, headers }: ObjectFacts,
  query: ReadonlyMap<string, string>,
): Record<string, string> {
  const all: Record<string, string> = {
    ...headers,
    etag,
    "last-modified": new Date(modified).toUTCString(),
    "accept-ranges": "bytes",
  };
  if (query.size > 1 || !query.has("x-id"))
    for (const name of RESPONSE_HEADERS) {
      const value = query.get(name);
      if (value !== undefined) all[name.slice("response-".length)] = value;
    }
  return all;
}

/** Returns an object's checksum as response headers. S3 sends them only on request. */
export function checksumHeaders(checksum: ObjectFacts["checksum"]): Record<string, string> {
  if (!checksum || !isChecksumAlgorithm(checksum.algorithm)) return {};
  return { [checksumHeader(checksum.algorithm)]: checksum.value, "x-amz-checksum-type": checksum.type };
}

/** Returns a checksum as XML elements. */
export function checksumElements(checksum: Checksum | undefined): Record<string, string> {
  return checksum ? { [checksumElement(checksum.algorithm)]: checksum.value, ChecksumType: checksum.type } : {};
}

/** Returns the storage class for a listing, which includes the default. */
export function listedStorageClass({ headers }: ObjectFacts): string {
  return headers[STORAGE_CLASS] ?? "STANDARD";
}
