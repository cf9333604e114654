import type { InvocationOutcome } from "./function-failure.ts";

/** Why an event was given up. */
export type DestinationCondition = "RetriesExhausted" | "EventAgeExceeded" | "ZeroReservedConcurrency";

/** What is told to a function's on-failure destination, in AWS's form. */
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
  /** Absent where the function never ran. */
  responseContext?: { statusCode: number; executedVersion: string; functionError: string };
  responsePayload?: unknown;
}

export interface GivenUpEvent {
  requestId: string;
  functionArn: string;
  condition: DestinationCondition;
  /** Times that the function ran on it. */
  attempts: number;
  payload: Buffer;
  /** How its last run ended. */
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
