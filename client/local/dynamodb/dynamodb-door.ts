import { Buffer } from "node:buffer";
import type { IncomingMessage, ServerResponse } from "node:http";
import * as v from "valibot";
import type { Principal } from "../doors/access.ts";
import { countOne, type Traffic, type TrafficMeter } from "../doors/meter.ts";
import { accessDeniedMessage, type Principals } from "../doors/principals.ts";
import { receiveBody } from "../doors/receive-body.ts";
import { isFromProgram } from "../doors/request-guard.ts";
import type { TableSpec } from "../stack/deployment.ts";
import { ACCOUNT, REGION } from "../stack/resource-names.ts";
import { ClosedTables } from "./closed-tables.ts";
import type { DynaliteStore, DynamoDbAnswer } from "./dynalite-store.ts";
import { type DynamoDbFaults, halveBatch } from "./dynamodb-faults.ts";

const Request = v.looseObject({
  TableName: v.optional(v.string()),
  RequestItems: v.optional(v.looseObject({})),
});
const READS = new Set(["GetItem", "BatchGetItem", "Query", "Scan"]);
/** DynamoDB's largest request. */
const MAX_REQUEST_BYTES = 16 * 1024 * 1024;

export interface DynamoDbDoorParts {
  store: DynaliteStore;
  tables: readonly TableSpec[];
  principals: Principals;
  meter: TrafficMeter;
  faults: DynamoDbFaults;
  port: () => number;
}

/** DynamoDB's HTTP endpoint: who calls, may they, what does it cost; dynalite does the rest. */
export class DynamoDbDoor {
  readonly #parts: DynamoDbDoorParts;
  readonly #closed: ClosedTables;

  constructor(parts: DynamoDbDoorParts) {
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
    const { store, principals, meter, faults, port } = this.#parts;
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
    const settle = (result: DynamoDbAnswer) => {
      if (result.status === 200) countCapacity(traffic, operation, result.body);
      else countError(traffic, result.body);
      traffic.responseBytes += answer(result);
    };

    const refusal = this.#refusal(principal, operation, body);
    if (refusal !== undefined) settle(failure("AccessDeniedException", refusal));
    else if (faults.takesThrottle(operation))
      settle(failure("ProvisionedThroughputExceededException", "The configured throughput of the table was exceeded."));
    else if (faults.takesHalving(operation)) this.#serveHalf(request, body, settle);
    else store.request(request.headers, askCapacity(operation, body), settle);
  }

  /** Why the caller may not, or undefined. */
  #refusal(principal: Principal, operation: string, body: string): string | undefined {
    const { principals } = this.#parts;
    const action = `dynamodb:${operation}`;
    // Where no closed table can be meant, there is no need to parse a body of up to 16 MB that dynalite parses in any case.
    if (!principals.isWatched && !this.#closed.mayBeIn(body, principal, action)) return undefined;
    const refusalOf = (arn: string) => {
      const decision = principals.decide(principal, action, arn);
      return decision === "allowed" ? undefined : accessDeniedMessage(principal, action, arn, decision);
    };
    const named = namedTables(body);
    // What names no table, as ListTables, is about all of them.
    if (named.length === 0) return refusalOf("*");
    // Also of tables that are not there: who may make none is let make none.
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

/** The tables that a request is about. Parsed as dynalite does it, since JSON can write one name in many ways. */
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

/** Asks for the capacity, where the caller did not: it is counted for all. */
function askCapacity(operation: string, body: string): string {
  if (body.length < 3 || body.includes('"ReturnConsumedCapacity"') || !/Item$|^Query$|^Scan$/.test(operation))
    return body;
  return body.replace("{", '{"ReturnConsumedCapacity":"TOTAL",');
}

function countCapacity(traffic: Traffic, operation: string, body: string): void {
  const at = body.lastIndexOf('"ConsumedCapacity":');
  if (at < 0) return;
  const [part = ""] = /\[[^\]]*\]|\{[^}]*\}/.exec(body.slice(at)) ?? [];
  let sum = 0;
  for (const [, units] of part.matchAll(/"CapacityUnits":([\d.]+)/g)) sum += Number(units);
  if (READS.has(operation)) traffic.readUnits += sum;
  else traffic.writeUnits += sum;
}

function countError(traffic: Traffic, body: string): void {
  const [, name = "unknown"] = /#(\w+)"/.exec(body) ?? [];
  countOne(traffic.errors, name);
  // A write whose condition fails is billed all the same: by the item that is there, which is not known here, so by the least.
  if (name === "ConditionalCheckFailedException") traffic.writeUnits++;
}
