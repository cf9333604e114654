import { Buffer } from "node:buffer";
import type { IncomingMessage, ServerResponse } from "node:http";
import * as v from "valibot";
import type { Principal } from "../requests/access.ts";
import { within } from "../requests/call-log.ts";
import type { EndpointOptions } from "../requests/endpoint-options.ts";
import { countOne, type Traffic, type TrafficMeter } from "../requests/meter.ts";
import { accessDeniedMessage, type Principals } from "../requests/principals.ts";
import { receiveBody } from "../requests/receive-body.ts";
import { isFromProgram } from "../requests/request-guard.ts";
import type { TableSpec } from "../stack/deployment.ts";
import { ACCOUNT, REGION } from "../stack/resource-names.ts";
import { ClosedTables } from "./closed-tables.ts";
import type { DynaliteStore, DynamoDbAnswer } from "./dynalite-store.ts";
import { type DynamoDbFaults, halveBatch } from "./dynamodb-faults.ts";
import { foundSomething, latencyKindOf, partitionsIn, READS } from "./operation-facts.ts";

const Request = v.looseObject({
  TableName: v.optional(v.string()),
  RequestItems: v.optional(v.looseObject({})),
});
/** DynamoDB's limit on a request. */
const MAX_REQUEST_BYTES = 16 * 1024 * 1024;

export interface DynamoDbEndpointParts extends EndpointOptions {
  store: DynaliteStore;
  tables: readonly TableSpec[];
  principals: Principals;
  meter: TrafficMeter;
  faults: DynamoDbFaults;
  port: () => number;
}

/** DynamoDB's HTTP endpoint: identifies the caller, checks access and counts capacity; dynalite does the rest. */
export class DynamoDbEndpoint {
  readonly #parts: DynamoDbEndpointParts;
  readonly #closed: ClosedTables;

  constructor(parts: DynamoDbEndpointParts) {
    this.#parts = parts;
    this.#closed = new ClosedTables(parts.tables, parts.principals);
  }

  receive(request: IncomingMessage, response: ServerResponse): void {
    receiveBody(request, response, MAX_REQUEST_BYTES, (body, bytes) => {
      if (bytes > MAX_REQUEST_BYTES) {
        response.writeHead(413).end();
        return;
      }
      this.#serve(request, body.toString(), bytes, (answer) => {
        const length = Buffer.byteLength(answer.body);
        response.writeHead(answer.status, { ...answer.headers, "content-length": length });
        response.end(answer.body);
        return length;
      });
    });
  }

  #serve(request: IncomingMessage, body: string, bytes: number, answer: (answer: DynamoDbAnswer) => number): void {
    const { principals, meter, port, latency } = this.#parts;
    const principal = principals.signer(request.headers.authorization);
    if (!principal || !isFromProgram(request, port())) {
      answer(failure("UnrecognizedClientException", "The security token included in the request is invalid."));
      return;
    }
    const target = request.headers["x-amz-target"];
    const operation = typeof target === "string" ? target.slice(target.indexOf(".") + 1) : "";
    const traffic = meter.of(principal.label);
    traffic.calls++;
    traffic.requestBytes += bytes;
    countOne(traffic.operations, operation);
    const recorded = this.#record(request, principal, operation, body);
    const settle = (result: DynamoDbAnswer) => {
      if (result.status === 200) countCapacity(traffic, operation, result.body);
      else countError(traffic, result.body);
      traffic.responseBytes += answer(result);
      if (recorded && READS.has(operation)) recorded.record.found = foundSomething(result.body);
      recorded?.answered();
    };
    const perform = () => this.#perform(request, principal, operation, body, settle);
    if (!latency) perform();
    else
      void latency.wait(latencyKindOf(operation)).then((ms) => {
        recorded?.waited(ms);
        perform();
      });
  }

  #record({ headers }: IncomingMessage, { label }: Principal, operation: string, body: string) {
    const call = this.#parts.calls?.receive({ service: "dynamodb", operation, by: label, ...within(headers) });
    if (call) call.record.partitions = partitionsIn(body);
    return call;
  }

  #perform(
    request: IncomingMessage,
    principal: Principal,
    operation: string,
    body: string,
    settle: (answer: DynamoDbAnswer) => void,
  ): void {
    const { store, faults } = this.#parts;
    const refusal = this.#refusal(principal, operation, body);
    if (refusal !== undefined) settle(failure("AccessDeniedException", refusal));
    else if (faults.takesThrottle(operation))
      settle(failure("ProvisionedThroughputExceededException", "The configured throughput of the table was exceeded."));
    else if (faults.takesHalving(operation)) this.#serveHalf(request, body, settle);
    else store.request(request.headers, askCapacity(operation, body), settle);
  }

  /** Returns the reason why the caller is refused; undefined if the call is allowed. */
  #refusal(principal: Principal, operation: string, body: string): string | undefined {
    const { principals } = this.#parts;
    const action = `dynamodb:${operation}`;
    // Do not parse a body that cannot name a closed table: it may have up to 16 MB, and dynalite will parse it again.
    if (!principals.isWatched && !this.#closed.mayBeIn(body, principal, action)) return undefined;
    const refusalOf = (arn: string) => {
      const decision = principals.decide(principal, action, arn);
      return decision === "allowed" ? undefined : accessDeniedMessage(principal, action, arn, decision);
    };
    const named = namedTables(body);
    // A request that names no table, such as ListTables, is about all tables.
    if (named.length === 0) return refusalOf("*");
    // Check tables that do not exist too, so that CreateTable is refused without permission.
    const arns = named.map((name) => `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/${name}`);
    return arns.map(refusalOf).find((refusal) => refusal !== undefined);
  }

  #serveHalf(request: IncomingMessage, body: string, settle: (answer: DynamoDbAnswer) => void): void {
    const { kept, unprocessed } = halveBatch(body);
    const withRest = (answer: DynamoDbAnswer): DynamoDbAnswer => {
      if (answer.status !== 200) return answer;
      const result = { ...JSON.parse(answer.body), UnprocessedItems: unprocessed };
      return { ...answer, headers: JSON_TYPE, body: JSON.stringify(result) };
    };
    if (kept === "") settle(withRest({ status: 200, headers: JSON_TYPE, body: "{}" }));
    else this.#parts.store.request(request.headers, kept, (answer) => settle(withRest(answer)));
  }
}

const JSON_TYPE = { "content-type": "application/x-amz-json-1.0" };

function failure(name: string, message: string): DynamoDbAnswer {
  const body = JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${name}`, message, Message: message });
  return { status: 400, headers: JSON_TYPE, body };
}

/**
 * Returns the names of the tables in a request. Parses the body as dynalite does, since JSON can spell a name in many
 * ways.
 */
function namedTables(body: string): string[] {
  try {
    const parsed = v.safeParse(Request, JSON.parse(body));
    if (!parsed.success) return [];
    const { TableName, RequestItems } = parsed.output;
    return [...(TableName === undefined ? [] : [TableName]), ...Object.keys(RequestItems ?? {})];
  } catch {
    return [];
  }
}

/** Adds `ReturnConsumedCapacity`, which the meter reads, to a request that lacks it, if the operation supports it. */
function askCapacity(operation: string, body: string): string {
  if (body.length < 3 || body.includes('"ReturnConsumedCapacity"') || !/Item$|^Query$|^Scan$/.test(operation))
    return body;
  return body.replace("{", '{"ReturnConsumedCapacity":"TOTAL",');
}

function countCapacity(traffic: Traffic, operation: string, body: string): void {
  const at = body.lastIndexOf('"ConsumedCapacity":');
  if (at < 0) return;
  const [part = ""] = /^"ConsumedCapacity":(?:\[[^\]]*\]|\{[^}]*\})/.exec(body.slice(at)) ?? [];
  let sum = 0;
  for (const [, units] of part.matchAll(/"CapacityUnits":([\d.]+)/g)) sum += Number(units);
  if (READS.has(operation)) traffic.readUnits += sum;
  else traffic.writeUnits += sum;
}

function countError(traffic: Traffic, body: string): void {
  const [, name = "unknown"] = /#(\w+)"/.exec(body) ?? [];
  countOne(traffic.errors, name);
  // DynamoDB bills a failed conditional write by the size of the existing item. The size is unknown here, so count the
  // minimum.
  if (name === "ConditionalCheckFailedException") traffic.writeUnits++;
}
