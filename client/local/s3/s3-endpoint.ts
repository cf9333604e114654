import type { IncomingMessage, ServerResponse } from "node:http";
import { countOne, type TrafficMeter } from "../requests/meter.ts";
import { accessDeniedMessage, type Principals } from "../requests/principals.ts";
import { isFromProgram } from "../requests/request-guard.ts";
import type { S3rverStore } from "./s3rver-store.ts";

export interface S3EndpointParts {
  /** Opens the store on first use. */
  store: () => Promise<S3rverStore>;
  principals: Principals;
  meter: TrafficMeter;
  port: () => number;
}

/** S3's HTTP endpoint, with buckets in the path: identifies the caller and checks access; s3rver does the rest. */
export class S3Endpoint {
  readonly #parts: S3EndpointParts;

  constructor(parts: S3EndpointParts) {
    this.#parts = parts;
  }

  async receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { principals, meter, port } = this.#parts;
    // A caller that dies in the middle of a request is ignored.
    request.on("error", () => {});
    response.on("error", () => {});
    const principal = principals.signer(request.headers.authorization);
    if (!principal || !isFromProgram(request, port())) {
      refuse(
        request,
        response,
        "InvalidAccessKeyId",
        "The AWS Access Key Id you provided does not exist in our records.",
      );
      return;
    }
    const read = readRequest(request);
    if (!read) {
      refuse(request, response, "InvalidURI", "Couldn't parse the specified URI.", 400);
      return;
    }
    const { bucket, key, operation, url, isPart } = read;
    // In a multipart upload only the completing request can have conditions.
    const onlyIfNone = isPart ? undefined : request.headers["if-none-match"];
    const traffic = meter.of(principal.label);
    traffic.calls++;
    traffic.requestBytes += Number(request.headers["content-length"] ?? 0);
    countOne(traffic.operations, operation);
    response.on("finish", () => {
      if (request.method !== "HEAD") traffic.responseBytes += Number(response.getHeader("content-length") ?? 0);
    });

    const store = await this.#parts.store();
    const action = `s3:${operation === "HeadObject" ? "GetObject" : operation}`;
    const resource = key === "" ? `arn:aws:s3:::${bucket}` : `arn:aws:s3:::${bucket}/${key}`;
    const context = action === "s3:PutObject" ? { "s3:if-none-match": onlyIfNone } : undefined;
    let decision = principals.decide(principal, action, resource, context);
    // As on S3: a caller without ListBucket permission must not learn that a key does not exist.
    if (decision === "allowed" && action === "s3:GetObject" && !(await store.exists(bucket, key)))
      decision = principals.decide(principal, "s3:ListBucket", `arn:aws:s3:::${bucket}`);
    // Buckets are folders and keys are file paths here; they must not lead outside.
    if (bucket === ".." || key.split("/").includes("..")) decision = "denied";
    if (decision !== "allowed") {
      countOne(traffic.errors, "AccessDenied");
      refuse(request, response, "AccessDenied", accessDeniedMessage(principal, action, resource, decision));
      return;
    }
    if (operation === "PutObject" && onlyIfNone !== undefined && onlyIfNone !== "*") {
      refuse(request, response, "NotImplemented", "A write that depends on another ETag is not implemented.", 501);
      return;
    }
    // Already checked; s3rver would look up the key among its own. And s3rver must read exactly the path that was
    // checked.
    delete request.headers.authorization;
    request.url = url;
    store.serve(request, response);
  }
}

/** Parses what a request is about, and its canonical URL; undefined for an invalid URL. */
function readRequest({ method = "GET", url: given = "/", headers }: IncomingMessage) {
  const parsed = parseUrl(given);
  if (!parsed) return undefined;
  const { segments, search, searchParams } = parsed;
  // Uploads and their parts are files here, named after these parameters.
  const [uploads, parts] = [searchParams.getAll("uploadId"), searchParams.getAll("partNumber")];
  if (uploads.length > 1 || uploads.some((id) => !/^[0-9a-f]{32}$/.test(id))) return undefined;
  if (parts.length > 1 || parts.some((part) => !/^\d{1,5}$/.test(part))) return undefined;
  const isPart = searchParams.has("uploads") || searchParams.has("partNumber");
  const [bucket = "", ...rest] = segments;
  const key = rest.join("/");
  const url = `/${(key === "" ? [bucket] : segments).map(encodeURIComponent).join("/")}${search}`;
  const operations: Record<string, string> = key
    ? { GET: "GetObject", HEAD: "HeadObject", PUT: "PutObject", DELETE: "DeleteObject", POST: "PutObject" }
    : { GET: "ListBucket", HEAD: "ListBucket", PUT: "CreateBucket", DELETE: "DeleteBucket", POST: "DeleteObject" };
  const special = headers["x-amz-copy-source"] !== undefined || searchParams.has("acl") || searchParams.has("tagging");
  return {
    bucket,
    key,
    url,
    isPart,
    operation: special ? "UnknownOperation" : (operations[method] ?? "UnknownOperation"),
  };
}

function parseUrl(url: string): { segments: string[]; search: string; searchParams: URLSearchParams } | undefined {
  try {
    const { pathname, search, searchParams } = new URL(url, "http://s3");
    // Decode before splitting, so that no segment hides another: s3rver decodes before it looks up a file.
    return { segments: decodeURIComponent(pathname.slice(1)).split("/"), search, searchParams };
  } catch {
    return undefined;
  }
}

function refuse(request: IncomingMessage, response: ServerResponse, code: string, message: string, status = 403): void {
  const escaped = message.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${escaped}</Message></Error>`;
  request.resume();
  response.writeHead(status, { "content-type": "application/xml" });
  response.end(request.method === "HEAD" ? undefined : body);
}
