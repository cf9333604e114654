import { Buffer } from "node:buffer";
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { ACCOUNT } from "../../stack/resource-names.ts";
import type { BucketStore } from "../store/bucket-store.ts";
import type { Pace } from "./pace.ts";
import { notImplemented, S3Error } from "./s3-error.ts";
import { operationOf, type S3OperationName } from "./s3-operation.ts";

/** A parsed request. */
export interface S3Request {
  operation: S3OperationName;
  bucketName: string;
  /** Key of the object; empty for an operation on the bucket. */
  key: string;
  query: ReadonlyMap<string, string>;
  headers: IncomingHttpHeaders;
}

/** An authorized request, with everything needed to serve it. */
export interface S3Call extends S3Request {
  request: IncomingMessage;
  response: ServerResponse;
  bucket: BucketStore;
  /** Slows the answer down; undefined if latencies are not imitated. */
  pace: Pace | undefined;
  /** Returns another bucket, such as the one that holds the source of a copy. */
  otherBucket(name: string): BucketStore;
  /**
   * Checks access that depends on more than the operation, such as to the source of a copy.
   *
   * @throws S3Error AccessDenied
   */
  mustBeAllowed(action: string, bucketName: string, key?: string): void;
}

const MAX_KEY_BYTES = 1_024;

/**
 * Parses a request. The bucket is in the path, where the SDK puts it for an endpoint with an IP address.
 *
 * @throws S3Error for requests that S3 rejects without looking at any object, or that this cloud does not implement
 */
export function readRequest({ method = "GET", url = "/", headers }: IncomingMessage): S3Request {
  const cut = url.indexOf("?");
  const path = decodedPath(cut < 0 ? url : url.slice(0, cut));
  const slash = path.indexOf("/");
  const [bucketName, key] = slash < 0 ? [path, ""] : [path.slice(0, slash), path.slice(slash + 1)];
  const query = readQuery(cut < 0 ? "" : url.slice(cut));
  if (Buffer.byteLength(key) > MAX_KEY_BYTES)
    throw new S3Error("KeyTooLongError", "Your key is too long", { MaxSizeAllowed: MAX_KEY_BYTES });
  if (climbs(key)) throw invalidUri();
  checkHeaders(headers);
  const operation = operationOf(method, { bucket: bucketName, key }, query, headers);
  return { operation, bucketName, key, query, headers };
}

/** Decodes a path before it is split, so that access is checked for exactly the name that is opened. */
function decodedPath(path: string): string {
  try {
    if (path.startsWith("/")) return decodeURIComponent(path.slice(1));
  } catch {
    // The path is not UTF-8.
  }
  throw invalidUri();
}

function invalidUri(): S3Error {
  return new S3Error("InvalidURI", "Couldn't parse the specified URI.");
}

/**
 * Whether `..` segments lead above the root of the key. S3 rejects such keys, and takes other `..` segments as ordinary
 * text.
 */
function climbs(key: string): boolean {
  let depth = 0;
  if (!key.includes("..")) return false;
  for (const part of key.split("/")) {
    if (part === "..") depth--;
    else if (part !== "." && part !== "") depth++;
    if (depth < 0) return true;
  }
  return false;
}

function readQuery(search: string): ReadonlyMap<string, string> {
  const query = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(search)) {
    if (query.has(name)) throw new S3Error("InvalidArgument", `The parameter ${name} was given twice.`);
    query.set(name, value);
  }
  return query;
}

/** Headers that this cloud implements or can safely ignore. Other `x-amz-` headers are refused. */
const KNOWN_HEADERS =
  /^x-amz-(?:acl|bucket-region|checksum-.*|content-sha256|copy-source.*|date|decoded-content-length|expected-bucket-owner|meta-.*|metadata-directive|mp-object-size|optional-object-attributes|request-payer|sdk-checksum-algorithm|security-token|server-side-encryption|server-side-encryption-(?:aws-kms-key-id|bucket-key-enabled|context)|source-expected-bucket-owner|storage-class|trailer|user-agent|website-redirect-location)$/;
/** The only ACLs that a bucket accepts while ACLs are disabled, as they are by default. */
const OWNERS_ACLS = ["private", "bucket-owner-full-control"];

function checkHeaders(headers: IncomingHttpHeaders): void {
  for (const name in headers)
    if (name.startsWith("x-amz-") && !KNOWN_HEADERS.test(name)) throw notImplemented(`the header ${name}`);
  const { "x-amz-acl": acl, "x-amz-expected-bucket-owner": owner = ACCOUNT } = headers;
  if (acl !== undefined && !OWNERS_ACLS.includes(String(acl)))
    throw new S3Error("AccessControlListNotSupported", "The bucket does not allow ACLs");
  if (owner !== ACCOUNT) throw new S3Error("AccessDenied", "Access Denied");
}
