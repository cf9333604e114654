import { Buffer } from "node:buffer";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import * as v from "valibot";
import type { Principal } from "../requests/access.ts";
import { within } from "../requests/call-log.ts";
import type { EndpointOptions } from "../requests/endpoint-options.ts";
import { countOne, type Traffic, type TrafficMeter } from "../requests/meter.ts";
import { accessDeniedMessage, type Principals } from "../requests/principals.ts";
import { receiveBody } from "../requests/receive-body.ts";
import { isFromProgram } from "../requests/request-guard.ts";
import { ACCOUNT, REGION } from "../stack/resource-names.ts";
import type { EventRules } from "./event-rules.ts";

/** Largest EventBridge request that this cloud accepts. Requests hold little more than a name. */
const MAX_REQUEST_BYTES = 64 * 1024;

const Request = v.pipe(
  v.string(),
  v.parseJson(),
  v.looseObject({ Name: v.string(), EventBusName: v.optional(v.literal("default")) }),
);

export interface EventsEndpointParts extends EndpointOptions {
  rules: EventRules;
  principals: Principals;
  meter: TrafficMeter;
  port: () => number;
}

interface Answer {
  status: number;
  body: Record<string, unknown>;
}

/** EventBridge's HTTP endpoint: EnableRule, DisableRule and DescribeRule of the default bus, as the SDK calls them. */
export class EventsEndpoint {
  readonly #parts: EventsEndpointParts;

  constructor(parts: EventsEndpointParts) {
    this.#parts = parts;
  }

  server(): Server {
    return createServer((request, response) => this.#receive(request, response));
  }

  #receive(request: IncomingMessage, response: ServerResponse): void {
    receiveBody(request, response, MAX_REQUEST_BYTES, (received, bytes) => {
      if (bytes > MAX_REQUEST_BYTES) {
        response.writeHead(413).end();
        return;
      }
      void this.#serve(request, response, received.toString(), bytes);
    });
  }

  async #serve(request: IncomingMessage, response: ServerResponse, received: string, bytes: number): Promise<void> {
    const { principals, meter, port, latency, calls } = this.#parts;
    const principal = principals.signer(request.headers.authorization);
    const traffic = meter.of(principal?.label ?? "stranger");
    traffic.calls++;
    traffic.requestBytes += bytes;
    const operation = operationIn(request);
    const recorded = calls?.receive({
      service: "events",
      operation,
      by: principal?.label ?? "stranger",
      ...within(request.headers),
    });
    if (latency && principal) {
      const ms = await latency.wait("eventBridge");
      recorded?.waited(ms);
    }
    const { status, body } =
      principal && isFromProgram(request, port())
        ? this.#answer(principal, operation, received, traffic)
        : failure("UnrecognizedClientException", "The security token included in the request is invalid.");
    if (status !== 200) countOne(traffic.errors, String(body.__type));
    const text = JSON.stringify(body);
    response.writeHead(status, {
      "content-type": "application/x-amz-json-1.1",
      "content-length": Buffer.byteLength(text),
    });
    response.end(text);
    traffic.responseBytes += Buffer.byteLength(text);
    recorded?.answered();
  }

  #answer(principal: Principal, operation: string, text: string, traffic: Traffic): Answer {
    const { rules, principals } = this.#parts;
    if (operation !== "EnableRule" && operation !== "DisableRule" && operation !== "DescribeRule")
      return failure("UnknownOperationException", `the embedded EventBridge does not support ${operation}`);
    countOne(traffic.operations, operation);
    const parsed = v.safeParse(Request, text);
    if (!parsed.success) return failure("ValidationException", parsed.issues[0].message);
    const { Name } = parsed.output;
    const rule = rules.find(Name);
    const arn = rule?.arn ?? `arn:aws:events:${REGION}:${ACCOUNT}:rule/${Name}`;
    const action = `events:${operation}`;
    const decision = principals.decide(principal, action, arn);
    if (decision !== "allowed")
      return failure("AccessDeniedException", accessDeniedMessage(principal, action, arn, decision));
    if (!rule) return failure("ResourceNotFoundException", `Rule ${Name} does not exist on EventBus default.`);
    if (operation !== "DescribeRule") {
      rules.switch(Name, operation === "EnableRule");
      return { status: 200, body: {} };
    }
    const isEnabled = rules.all().some((one) => one.name === Name && one.isEnabled);
    return {
      status: 200,
      body: { Name, Arn: arn, EventBusName: "default", State: isEnabled ? "ENABLED" : "DISABLED" },
    };
  }
}

function operationIn({ headers }: IncomingMessage): string {
  return String(headers["x-amz-target"]).replace(/^AWSEvents\./, "");
}

function failure(name: string, message: string): Answer {
  return { status: 400, body: { __type: name, message } };
}
