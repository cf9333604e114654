import { Buffer } from "node:buffer";
import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Principal } from "../requests/access.ts";
import { type OpenCall, within } from "../requests/call-log.ts";
import type { EndpointOptions } from "../requests/endpoint-options.ts";
import { countOne, type Traffic, type TrafficMeter } from "../requests/meter.ts";
import { accessDeniedMessage, type Principals } from "../requests/principals.ts";
import { receiveBody } from "../requests/receive-body.ts";
import { isFromProgram } from "../requests/request-guard.ts";
import { ACCOUNT, REGION } from "../stack/resource-names.ts";
import type { InvocationOutcome } from "./function-failure.ts";
import { functionNotFound, invalidParameter, LambdaError, requestTooLarge } from "./lambda-error.ts";
import type { LambdaFaults } from "./lambda-faults.ts";
import type { InvokeRequest, LambdaFunction } from "./lambda-function.ts";
import { SYNC_PAYLOAD_BYTES } from "./lambda-limits.ts";
import type { LambdaService } from "./lambda-service.ts";

export interface LambdaApiParts extends EndpointOptions {
  service: LambdaService;
  principals: Principals;
  meter: TrafficMeter;
  faults: LambdaFaults;
  port: () => number;
}

const INVOKE_PATH = /^\/2015-03-31\/functions\/([^/]+)\/invocations(?:\?Qualifier=\$LATEST)?$/;
/** Characters of the log returned for `LogType: Tail`. */
const TAIL_CHARS = 4096;

/** A completely received request, and the count of its caller's traffic. */
interface ReceivedCall {
  request: IncomingMessage;
  response: ServerResponse;
  payload: Buffer;
  requestId: string;
  traffic: Traffic;
}

/** Lambda's HTTP endpoint. Supports Invoke, as the SDK calls it. Payloads pass through unparsed. */
export class LambdaApi {
  readonly #parts: LambdaApiParts;

  constructor(parts: LambdaApiParts) {
    this.#parts = parts;
  }

  server(): Server {
    const server = createServer((request, response) => this.#receive(request, response));
    // Set no timeouts: callers keep connections open, and wait as long as functions run.
    server.keepAliveTimeout = 0;
    server.requestTimeout = 0;
    return server;
  }

  #receive(request: IncomingMessage, response: ServerResponse): void {
    receiveBody(request, response, SYNC_PAYLOAD_BYTES, (payload, bytes) => {
      void this.#serve(request, response, payload, bytes);
    });
  }

  async #serve(request: IncomingMessage, response: ServerResponse, payload: Buffer, bytes: number): Promise<void> {
    const { principals, meter, port } = this.#parts;
    const requestId = randomUUID();
    const principal = principals.signer(request.headers.authorization);
    const traffic = meter.of(principal?.label ?? "stranger");
    traffic.calls++;
    traffic.requestBytes += bytes;
    try {
      if (!principal || !isFromProgram(request, port()))
        throw new LambdaError(
          "UnrecognizedClientException",
          403,
          "The security token included in the request is invalid.",
        );
      const fn = this.#called(request, principal);
      countOne(traffic.operations, "Invoke");
      if (bytes > SYNC_PAYLOAD_BYTES) throw requestTooLarge(SYNC_PAYLOAD_BYTES);
      await this.#invoke(fn, { request, response, payload, requestId, traffic });
    } catch (error) {
      const { type, status, message, details } =
        error instanceof LambdaError ? error : new LambdaError("ServiceException", 500, String(error));
      countOne(traffic.errors, type);
      const body = JSON.stringify({ message, Message: message, ...details });
      response.writeHead(status, {
        "content-type": "application/json",
        "x-amzn-errortype": type,
        "x-amzn-requestid": requestId,
      });
      response.end(body);
      traffic.responseBytes += body.length;
    }
  }

  #record({ spec }: LambdaFunction, { headers }: IncomingMessage, operation: string): OpenCall | undefined {
    const by = this.#parts.principals.signer(headers.authorization)?.label ?? "stranger";
    return this.#parts.calls?.receive({ service: "lambda", operation, by, target: spec.label, ...within(headers) });
  }

  /**
   * Returns the function that is called.
   *
   * @throws LambdaError if the caller has no permission, or there is no such function
   */
  #called(request: IncomingMessage, principal: Principal): LambdaFunction {
    const { service } = this.#parts;
    const [, name] = INVOKE_PATH.exec(decodedPath(request.url)) ?? [];
    if (name === undefined || request.method !== "POST") {
      // For unknown operations too, AWS first checks the caller's permission.
      this.#refuseUnlessAllowed(principal, "lambda:UnknownOperation", "*");
      throw new LambdaError(
        "UnknownOperationException",
        404,
        `the embedded cloud supports Invoke only, not ${request.url}`,
      );
    }
    const fn = service.find(name);
    const arn = fn?.spec.arn ?? `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${name}`;
    this.#refuseUnlessAllowed(principal, "lambda:InvokeFunction", arn);
    if (!fn) throw functionNotFound(arn);
    return fn;
  }

  #refuseUnlessAllowed(principal: Principal, action: string, resource: string): void {
    const decision = this.#parts.principals.decide(principal, action, resource);
    if (decision !== "allowed")
      throw new LambdaError("AccessDeniedException", 403, accessDeniedMessage(principal, action, resource, decision));
  }

  async #invoke(fn: LambdaFunction, { request, response, payload, requestId, traffic }: ReceivedCall): Promise<void> {
    const { headers } = request;
    const { faults, latency } = this.#parts;
    const type = text(headers["x-amz-invocation-type"]) ?? "RequestResponse";
    const recorded = this.#record(fn, request, type === "Event" ? "Event" : "Invoke");
    const call: InvokeRequest = {
      payload,
      trace: text(headers["x-amzn-trace-id"]),
      tenant: text(headers["x-amz-tenant-id"]),
      clientContext: decoded(headers["x-amz-client-context"]),
      call: recorded,
    };
    switch (type) {
      case "DryRun":
        response.writeHead(204, { "x-amzn-requestid": requestId }).end();
        return;
      case "Event":
        fn.accept(call, requestId, faults.eventFate(fn.spec));
        if (latency) {
          const ms = await latency.wait("accept");
          recorded?.waited(ms);
        }
        recorded?.answered();
        response.writeHead(202, { "x-amzn-requestid": requestId, "content-length": 0 }).end();
        return;
      case "RequestResponse": {
        if (latency) {
          const ms = await latency.wait("invoke");
          recorded?.waited(ms);
        }
        const outcome = await fn.invoke(call, requestId);
        recorded?.answered();
        if (faults.takesAnswer(fn.spec)) {
          response.destroy();
          return;
        }
        const tail = headers["x-amz-log-type"] === "Tail" ? fn.log.read().slice(-TAIL_CHARS) : undefined;
        answer(response, outcome, requestId, tail);
        traffic.responseBytes += outcome.payload.length;
        return;
      }
      default:
        throw invalidParameter("InvocationType must be RequestResponse, Event or DryRun");
    }
  }
}

/** Decodes a path. Returns it unchanged if that fails; it then matches no function. */
function decodedPath(url = ""): string {
  try {
    return decodeURIComponent(url);
  } catch {
    return url;
  }
}

function answer(
  response: ServerResponse,
  { status, payload }: InvocationOutcome,
  requestId: string,
  tail?: string,
): void {
  const headers: Record<string, string | number> = {
    "content-type": "application/json",
    "content-length": payload.length,
    "x-amzn-requestid": requestId,
    "x-amz-executed-version": "$LATEST",
  };
  if (status === "error") headers["x-amz-function-error"] = "Unhandled";
  if (tail !== undefined) headers["x-amz-log-result"] = Buffer.from(tail).toString("base64");
  response.writeHead(200, headers);
  response.end(payload);
}

function text(header: string | string[] | undefined): string | undefined {
  return typeof header === "string" ? header : undefined;
}

function decoded(header: string | string[] | undefined): string | undefined {
  return typeof header === "string" ? Buffer.from(header, "base64").toString() : undefined;
}
