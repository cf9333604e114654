import type { InvocationOutcome } from "./function-failure.ts";

/** Why an event was discarded. */
export type DestinationCondition = "RetriesExhausted" | "EventAgeExceeded" | "ZeroReservedConcurrency";

/** The record sent to a function's on-failure destination, in AWS's format. */
export interface DestinationRecord {
  version: "1.0";
  timestamp: string;
  requestContext: {
    requestId: string;
    functionArn: string;
    condition: DestinationCondition;
    approximateInvokeCount: number;
  };
  requestPayload: unknown;
  /** Absent if the function never ran. */
  responseContext?: { statusCode: number; executedVersion: string; functionError: string };
  responsePayload?: unknown;
}

export interface GivenUpEvent {
  requestId: string;
  functionArn: string;
  condition: DestinationCondition;
  /** How often the function ran for the event. */
  attempts: number;
  payload: Buffer;
  /** The outcome of the last run; undefined if the function never ran. */
  outcome: InvocationOutcome | undefined;
  time: Date;
}

export function destinationRecord(event: GivenUpEvent): DestinationRecord {
  const { requestId, functionArn, condition, attempts, payload, outcome, time } = event;
  return {
    version: "1.0",
    timestamp: time.toISOString(),
    requestContext: { requestId, functionArn: `${functionArn}:$LATEST`, condition, approximateInvokeCount: attempts },
    requestPayload: parsed(payload),
    ...(outcome && {
      responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
      responsePayload: parsed(outcome.payload),
    }),
  };
}

function parsed(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString());
  } catch {
    return payload.toString();
  }
}
