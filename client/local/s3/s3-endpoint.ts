import { randomUUID } from "node:crypto";
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import { systemFailure } from "../processes/system-failure.ts";
import type { Principal } from "../requests/access.ts";
import { within } from "../requests/call-log.ts";
import type { EndpointOptions } from "../requests/endpoint-options.ts";
import { countOne, type Traffic, type TrafficMeter } from "../requests/meter.ts";
import { accessDeniedMessage, type Principals } from "../requests/principals.ts";
import { isFromProgram } from "../requests/request-guard.ts";
import { copyObject } from "./operations/copy-object.ts";
import { deleteObject, deleteObjects } from "./operations/delete-objects.ts";
import { getObject } from "./operations/get-object.ts";
import { getBucketLocation, headBucket, listObjects, listObjectsV2 } from "./operations/list-objects.ts";
import { putObject } from "./operations/put-object.ts";
import {
  abortMultipartUpload,
  completeMultipartUpload,
  createMultipartUpload,
  uploadPart,
} from "./operations/upload-parts.ts";
import { answerError } from "./protocol/answer.ts";
import { Pace } from "./protocol/pace.ts";
import { readRequest, type S3Call, type S3Request } from "./protocol/s3-call.ts";
import { S3Error } from "./protocol/s3-error.ts";
import type { S3OperationName } from "./protocol/s3-operation.ts";
import type { BucketStore } from "./store/bucket-store.ts";
import type { ObjectStore } from "./store/object-store.ts";

/** The handler of each operation and the permission it needs; undefined: the handler checks access itself. */
const OPERATIONS: Readonly<
  Record<S3OperationName, { action: string | undefined; serve: (call: S3Call) => void | Promise<void> }>
> = {
  AbortMultipartUpload: { action: "s3:AbortMultipartUpload", serve: abortMultipartUpload },
  CompleteMultipartUpload: { action: "s3:PutObject", serve: completeMultipartUpload },
  CopyObject: { action: "s3:PutObject", serve: copyObject },
  CreateMultipartUpload: { action: "s3:PutObject", serve: createMultipartUpload },
  DeleteObject: { action: "s3:DeleteObject", serve: deleteObject },
  DeleteObjects: { action: undefined, serve: deleteObjects },
  GetBucketLocation: { action: "s3:GetBucketLocation", serve: getBucketLocation },
  GetObject: { action: "s3:GetObject", serve: getObject },
  HeadBucket: { action: "s3:ListBucket", serve: headBucket },
  HeadObject: { action: "s3:GetObject", serve: getObject },
  ListObjects: { action: "s3:ListBucket", serve: listObjects },
  ListObjectsV2: { action: "s3:ListBucket", serve: listObjectsV2 },
  PutObject: { action: "s3:PutObject", serve: putObject },
  UploadPart: { action: "s3:PutObject", serve: uploadPart },
};

/** A request, its response, and the delays of both. */
type Exchange = Pick<S3Call, "request" | "response" | "pace">;

/** Writes that may have the condition If-None-Match. UploadPart may not. */
const CONDITIONAL: readonly S3OperationName[] = ["CompleteMultipartUpload", "CopyObject", "PutObject"];

export interface S3EndpointParts extends EndpointOptions {
  store: ObjectStore;
  principals: Principals;
  meter: TrafficMeter;
  port: () => number;
}

/** S3's HTTP endpoint: identifies the caller, checks access, and serves or refuses the operation. */
export class S3Endpoint {
  readonly #parts: S3EndpointParts;

  constructor(parts: S3EndpointParts) {
    this.#parts = parts;
  }

  server(): Server {
    const server = createServer((request, response) => void this.#receive(request, response));
    // Keep idle connections open. If one were closed just before its next request, the caller would have to retry. Set
    // no time limit for a request: large objects may take minutes.
    server.keepAliveTimeout = 0;
    server.requestTimeout = 0;
    return server;
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { principals, meter, port } = this.#parts;
    // Ignore callers that die in the middle of a request.
    request.on("error", () => {});
    response.on("error", () => {});
    response.setHeader("x-amz-request-id", randomUUID());
    const principal = isFromProgram(request, port()) ? principals.signer(request.headers.authorization) : undefined;
    const traffic = principal && meter.of(principal.label);
    if (traffic) count(traffic, request, response);
    try {
      if (!principal || !traffic) throw unknownCaller();
      await this.#serve(principal, traffic, request, response);
    } catch (error) {
      this.#fail(error, traffic, request, response);
    }
  }

  async #serve(
    principal: Principal,
    traffic: Traffic,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const asked = readRequest(request);
    const { operation, headers } = asked;
    countOne(traffic.operations, operation);
    const { latency, calls } = this.#parts;
    const recorded = calls?.receive({ service: "s3", operation, by: principal.label, ...within(headers) });
    const pace = latency && new Pace(latency, request.method, (ms) => recorded?.waited(ms));
    if (pace) await pace.begin(contentBytes(headers));
    try {
      await this.#perform(principal, asked, { request, response, pace });
    } finally {
      recorded?.answered();
    }
  }

  async #perform(principal: Principal, asked: S3Request, exchange: Exchange): Promise<void> {
    const { operation, bucketName, key, headers } = asked;
    const { action, serve } = OPERATIONS[operation];
    const isConditional = CONDITIONAL.includes(operation);
    const condition = isConditional ? headers["if-none-match"] : undefined;
    const mustBeAllowed = this.#access(principal);
    if (action !== undefined) {
      const context = action === "s3:PutObject" ? { "s3:if-none-match": condition } : undefined;
      mustBeAllowed(action, bucketName, key, context);
    }
    const otherBucket = (name: string) => this.#bucket(name);
    await serve({ ...asked, ...exchange, mustBeAllowed, otherBucket, bucket: this.#bucket(bucketName) });
  }

  #access(principal: Principal) {
    return (action: string, bucketName: string, key = "", context?: Record<string, string | undefined>): void => {
      const resource = `arn:aws:s3:::${bucketName}${key === "" ? "" : `/${key}`}`;
      const decision = this.#parts.principals.decide(principal, action, resource, context);
      if (decision !== "allowed")
        throw new S3Error("AccessDenied", accessDeniedMessage(principal, action, resource, decision));
    };
  }

  #bucket(name: string): BucketStore {
    const bucket = this.#parts.store.bucket(name);
    if (bucket) return bucket;
    throw new S3Error("NoSuchBucket", "The specified bucket does not exist", { BucketName: name });
  }

  #fail(error: unknown, traffic: Traffic | undefined, request: IncomingMessage, response: ServerResponse): void {
    const answer = error instanceof S3Error ? error : internalError(error);
    if (traffic) countOne(traffic.errors, answer.code);
    // If a response has begun, it is too late for an error response. Close the connection, so that the caller does not
    // take the response for complete.
    if (response.headersSent) response.destroy();
    else answerError(response, answer, request.url ?? "", request.method !== "HEAD");
    // Read the rest of the body: some callers read the response only after they have sent all of it.
    request.resume();
  }
}

function count(traffic: Traffic, request: IncomingMessage, response: ServerResponse): void {
  traffic.calls++;
  traffic.requestBytes += Number(request.headers["content-length"] ?? 0);
  response.on("finish", () => {
    if (request.method !== "HEAD") traffic.responseBytes += Number(response.getHeader("content-length") ?? 0);
  });
}

function contentBytes(headers: IncomingHttpHeaders): number {
  return Number(headers["x-amz-decoded-content-length"] ?? headers["content-length"] ?? 0);
}

function unknownCaller(): S3Error {
  return new S3Error("InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.");
}

/** Returns an InternalError that names its cause, such as a full disk. */
function internalError(error: unknown): S3Error {
  const message = error instanceof Error ? error.message : String(error);
  return new S3Error("InternalError", systemFailure(message) ?? `We encountered an internal error: ${message}`);
}
