import type { IncomingHttpHeaders } from "node:http";
import { notImplemented, S3Error } from "./s3-error.ts";

/** The operations of this cloud's S3. */
export type S3OperationName =
  | "AbortMultipartUpload"
  | "CompleteMultipartUpload"
  | "CopyObject"
  | "CreateMultipartUpload"
  | "DeleteObject"
  | "DeleteObjects"
  | "GetBucketLocation"
  | "GetObject"
  | "HeadBucket"
  | "HeadObject"
  | "ListObjects"
  | "ListObjectsV2"
  | "PutObject"
  | "UploadPart";

interface Operation {
  name: S3OperationName;
  method: string;
  on: "object" | "bucket";
  /** Query parameters that identify the operation. */
  by: readonly string[];
  /** Optional query parameters. */
  takes: readonly string[];
}

/** Query parameters that override response headers. */
export const RESPONSE_HEADERS = [
  "response-cache-control",
  "response-content-disposition",
  "response-content-encoding",
  "response-content-language",
  "response-content-type",
  "response-expires",
] as const;

const LISTING = ["prefix", "delimiter", "max-keys", "encoding-type"];

const OPERATIONS: readonly Operation[] = [
  { name: "GetObject", method: "GET", on: "object", by: [], takes: RESPONSE_HEADERS },
  { name: "HeadObject", method: "HEAD", on: "object", by: [], takes: RESPONSE_HEADERS },
  { name: "PutObject", method: "PUT", on: "object", by: [], takes: [] },
  { name: "UploadPart", method: "PUT", on: "object", by: ["uploadId", "partNumber"], takes: [] },
  { name: "CreateMultipartUpload", method: "POST", on: "object", by: ["uploads"], takes: [] },
  { name: "CompleteMultipartUpload", method: "POST", on: "object", by: ["uploadId"], takes: [] },
  { name: "DeleteObject", method: "DELETE", on: "object", by: [], takes: [] },
  { name: "AbortMultipartUpload", method: "DELETE", on: "object", by: ["uploadId"], takes: [] },
  { name: "ListObjects", method: "GET", on: "bucket", by: [], takes: [...LISTING, "marker"] },
  {
    name: "ListObjectsV2",
    method: "GET",
    on: "bucket",
    by: ["list-type"],
    takes: [...LISTING, "continuation-token", "start-after", "fetch-owner"],
  },
  { name: "GetBucketLocation", method: "GET", on: "bucket", by: ["location"], takes: [] },
  { name: "HeadBucket", method: "HEAD", on: "bucket", by: [], takes: [] },
  { name: "DeleteObjects", method: "POST", on: "bucket", by: ["delete"], takes: [] },
];

/** Query parameter in which SDKs name the operation. S3 ignores it. */
const NAMING = "x-id";

/**
 * Identifies an operation by its method and parameters.
 *
 * @throws S3Error NotImplemented, naming the operation, for other operations of S3; MethodNotAllowed for other methods
 */
export function operationOf(
  method: string,
  { bucket, key }: { bucket: string; key: string },
  query: ReadonlyMap<string, string>,
  headers: IncomingHttpHeaders,
): S3OperationName {
  const on = key === "" ? "bucket" : "object";
  const given = [...query.keys()].filter((name) => name !== NAMING);
  const found = OPERATIONS.find(
    (one) =>
      one.method === method &&
      one.on === on &&
      one.by.every((name) => query.has(name)) &&
      given.every((name) => one.by.includes(name) || one.takes.includes(name)),
  );
  const isCopy = headers["x-amz-copy-source"] !== undefined;
  if (!found || bucket === "") {
    const subject = bucket === "" ? "all buckets" : on === "bucket" ? "a bucket" : "an object";
    throw unknownOperation(method, subject, given, query.get(NAMING));
  }
  if (isCopy && found.name === "UploadPart") throw notImplemented("UploadPartCopy");
  return isCopy && found.name === "PutObject" ? "CopyObject" : found.name;
}

const VERBS = ["GET", "HEAD", "PUT", "POST", "DELETE"];
const NO_BUCKETS: Readonly<Record<string, string>> = {
  PUT: "CreateBucket: buckets come from the template",
  DELETE: "DeleteBucket: buckets come from the template",
};

function unknownOperation(method: string, on: string, given: readonly string[], name: string | undefined): S3Error {
  if (!VERBS.includes(method))
    return new S3Error("MethodNotAllowed", "The specified method is not allowed against this resource.");
  const without = on === "a bucket" && given.length === 0 ? NO_BUCKETS[method] : undefined;
  if (without !== undefined) return notImplemented(without);
  const asked = `${method} on ${on}${given.length === 0 ? "" : ` with ?${given.join("&")}`}`;
  return notImplemented(name === undefined ? asked : `${name} (${asked})`);
}
