/** The cloud's services, each of which has its own endpoint. */
const SERVICES = ["lambda", "dynamodb", "s3", "events"] as const;
/** A service of the embedded cloud. */
export type Service = (typeof SERVICES)[number];

/** One caller's calls to one endpoint, including the SDK's retries. */
export interface Traffic {
  calls: number;
  /** Bytes of request bodies, without headers. */
  requestBytes: number;
  responseBytes: number;
  /** Calls by operation, such as `PutItem`, `Invoke`, `GetObject`. */
  operations: Record<string, number>;
  /** Calls answered with an error, by the error's name. */
  errors: Record<string, number>;
  /**
   * Capacity that DynamoDB bills, in request units; 0 for other services. A failed conditional write counts as 1, the
   * minimum.
   */
  writeUnits: number;
  readUnits: number;
}

/** Counts of a function's invocations. */
export interface Invocations {
  /** Synchronous invocations. */
  requestResponse: number;
  /** Deliveries of events, including retries and duplicates. Rules and failure destinations send events too. */
  event: number;
  /** Invocations that threw, timed out or crashed. */
  errors: number;
  /** Invocations refused because no concurrency was left. */
  throttled: number;
  /** Total run time of the handlers, in milliseconds. */
  milliseconds: number;
  /** Run time multiplied by configured memory, the measure by which Lambda bills. */
  gbSeconds: number;
  /** Environments started. */
  coldStarts: number;
}

/** Counts since the start or the last reset, taken at the cloud's endpoints. */
export interface Meter {
  /** By service, then by caller: `client`, `scheduler`, `report`, `engine`. */
  traffic: Record<Service, Record<string, Traffic>>;
  /** By function: `scheduler`, `report`, `engine`. */
  invocations: Record<string, Invocations>;
}

/** Counts the calls to one endpoint. */
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

/** The names of the fields of `Invocations`. */
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

/** Adds 1 to the count with this name. */
export function countOne(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}
