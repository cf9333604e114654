import { setTimeout as delay } from "node:timers/promises";
import type { CloudFormationClient } from "@aws-sdk/client-cloudformation";
import { SignatureV4 } from "@smithy/signature-v4";
import * as v from "valibot";
import { ClusterError } from "../../lambdas/protocol/errors.ts";

/** Time limit of a call, in milliseconds. */
const CALL_MS = 30_000;
/** Pauses before a call is repeated, in milliseconds. */
const PAUSES_MS = [500, 2000, 5000];

/** Some emulators give events no id. */
const LogEvent = v.object({
  eventId: v.optional(v.string()),
  logStreamName: v.optional(v.string(), ""),
  timestamp: v.number(),
  message: v.string(),
});

const Answer = v.object({
  events: v.optional(v.array(LogEvent), []),
  nextToken: v.optional(v.string()),
});
export type LogEvents = v.InferOutput<typeof Answer>;

const Fault = v.object({ __type: v.optional(v.string(), ""), message: v.optional(v.string(), "") });

/** The parameters of CloudWatch's FilterLogEvents. */
export interface FilterLogEvents {
  logGroupName: string;
  /** Epoch milliseconds. */
  startTime: number;
  filterPattern?: string | undefined;
  nextToken?: string | undefined;
}

/**
 * Calls CloudWatch's FilterLogEvents, with the region and credentials of another client: this one call needs no client of
 * its own. Throttled calls, and those that failed inside CloudWatch, are repeated.
 *
 * @throws ClusterError with CloudWatch's reason, such as missing rights
 */
export async function filterLogEvents(
  { config }: CloudFormationClient,
  endpoint: string | undefined,
  parameters: FilterLogEvents,
): Promise<LogEvents> {
  const region = await config.region();
  const url = new URL(endpoint ?? logsEndpoint(config.endpointProvider({ Region: region }).url));
  const signer = new SignatureV4({ credentials: config.credentials, region, service: "logs", sha256: config.sha256 });
  const body = JSON.stringify(parameters);
  for (let tries = 0; ; tries++) {
    const signed = await signer.sign({
      method: "POST",
      protocol: url.protocol,
      hostname: url.hostname,
      path: "/",
      headers: {
        host: url.host,
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": "Logs_20140328.FilterLogEvents",
      },
      body,
    });
    const { host: _, ...headers } = signed.headers;
    const signal = AbortSignal.timeout(CALL_MS);
    const response = await fetch(url, { method: "POST", headers, body, signal });
    const text = await response.text();
    if (response.ok) return v.parse(v.pipe(v.string(), v.parseJson(), Answer), text);
    const isPassing = response.status >= 500 || /Throttling|ServiceUnavailable/.test(text);
    const pauseMs = PAUSES_MS[tries];
    if (pauseMs === undefined || !isPassing) throw new ClusterError(reasonIn(text, response.status));
    await delay(pauseMs);
  }
}

/** CloudWatch's address: that of CloudFormation in the same region and partition, with the service's name replaced. */
function logsEndpoint(cloudFormation: URL): string {
  return cloudFormation.href.replace("//cloudformation", "//logs");
}

function reasonIn(text: string, status: number): string {
  const fault = v.safeParse(v.pipe(v.string(), v.parseJson(), Fault), text);
  if (!fault.success) return `CloudWatch answered with HTTP status ${status}`;
  const name = fault.output.__type.replace(/^.*#/, "");
  return [name, fault.output.message].filter(Boolean).join(": ");
}
