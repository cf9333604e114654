/** The services of the cloud, one door each. */
const SERVICES = ["lambda", "dynamodb", "s3", "events"] as const;
/** A service of the embedded cloud. */
export type Service = (typeof SERVICES)[number];

/** Calls that came through a door, retries of the SDK included. */
export interface Traffic {
  calls: number;
  /** Bytes of bodies; headers are not counted. */
  requestBytes: number;
  responseBytes: number;
  /** Calls by operation, as in `PutItem`, `Invoke`, `GetObject`. */
  operations: Record<string, number>;
  /** Calls answered with an error, by its name. */
  errors: Record<string, number>;
  /** Capacity that DynamoDB's rule bills, in request units; 0 at the other doors. */
  writeUnits: number;
  readUnits: number;
}

/** What happened to a function. */
export interface Invocations {
  /** Those that a caller waited for. */
  requestResponse: number;
  /** Deliveries of events, retries and doubles included; rules and destinations are events too. */
  event: number;
  /** Those that threw, timed out or crashed. */
  errors: number;
  /** Refused for want of concurrency. */
  throttled: number;
  /** Time in which a handler ran. */
  milliseconds: number;
  /** The same by the configured memory, as Lambda bills it. */
  gbSeconds: number;
  /** Environments started. */
  coldStarts: number;
}

/** Counts since the start or the last reset, taken at the cloud's own doors. */
export interface Meter {
  /** By service, then by who called: `client`, `scheduler`, `report`, `engine`. */
  traffic: Record<Service, Record<string, Traffic>>;
  /** By function: `scheduler`, `report`, `engine`. */
  invocations: Record<string, Invocations>;
}

/** Counts the calls of one door. */
export class TrafficMeter {
  #byCaller: Record<string, Traffic> = {};

  of(caller: string): Traffic {
    this.#byCaller[caller] ??= {
      calls: 0,
      requestBytes: 0,
      responseBytes: 0,
      operations: {},
      errors: {},
      writeUnits: 0,
      readUnits: 0,
    };
    return this.#byCaller[caller];
  }

  read(): Record<string, Traffic> {
    return this.#byCaller;
  }

  reset(): void {
    this.#byCaller = {};
  }
}

/** What is counted of invocations. */
export const INVOCATION_COUNTS = [
  "requestResponse",
  "event",
  "errors",
  "throttled",
  "milliseconds",
  "gbSeconds",
  "coldStarts",
] as const satisfies readonly (keyof Invocations)[];

export function noInvocations(): Invocations {
  return {
    requestResponse: 0,
    event: 0,
    errors: 0,
    throttled: 0,
    milliseconds: 0,
    gbSeconds: 0,
    coldStarts: 0,
  };
}

/** Raises a count by name. */
export function countOne(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}
