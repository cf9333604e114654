import type { IncomingHttpHeaders } from "node:http";
import type { Service } from "./meter.ts";

/** One call to the cloud, as seen by its endpoint. All times are values of `machineMs`. */
export interface RecordedCall {
  service: Service;
  /** Name of the operation, for example `PutItem`, `Invoke`, `Event`, `GetObject`. */
  operation: string;
  /** The caller: `client`, or a function: `scheduler`, `report`, `engine`. */
  by: string;
  /** Trace header of the calling invocation; absent for a client. */
  within?: string;
  /** The invoked function. */
  target?: string;
  /** Trace header of the invocation that the call started. */
  starts?: string;
  /** When the call was received. */
  start: number;
  /** When the invoked function began to run; absent until then, and for calls that invoke none. */
  began?: number;
  /** When the call was answered; absent until then, and for a Lambda call that was refused. */
  end?: number;
  /** Delay added by the latency model, in milliseconds. */
  waitedMs: number;
  /** For an event: delay added by the latency model from the call to the function, in milliseconds. */
  deliveryMs?: number;
  /** Partition keys that the call reads or writes. */
  partitions?: string[];
  /** Whether a read found an item; absent for other calls. */
  found?: boolean;
}

/** The facts of a call that are known when it is received. */
export type ReceivedCall = Pick<RecordedCall, "service" | "operation" | "by"> &
  Partial<Pick<RecordedCall, "within" | "target">>;

/** A call in progress. */
export class OpenCall {
  readonly record: RecordedCall;

  constructor(received: ReceivedCall) {
    this.record = { ...received, start: machineMs(), waitedMs: 0 };
  }

  /** Records a delay of the latency model. */
  waited(ms: number): void {
    this.record.waitedMs += ms;
  }

  /**
   * Records how long the delivery of an event takes. If the event is delivered several times, the first delivery
   * counts.
   */
  delivers(ms: number): void {
    this.record.deliveryMs ??= ms;
  }

  /** Records how long the cold start of the invoked function's environment takes. */
  startsCold(ms: number): void {
    if (this.record.deliveryMs === undefined) this.record.waitedMs += ms;
    else this.record.deliveryMs += ms;
  }

  /**
   * Records that the invoked function begins to run. If an event is delivered several times, the first delivery sets
   * the time.
   */
  runs(trace: string): void {
    this.record.began ??= machineMs();
    this.record.starts = trace;
  }

  answered(): void {
    this.record.end = machineMs();
  }
}

/** The calls to the endpoints of one process since the last `reset`. */
export class CallLog {
  #calls: RecordedCall[] = [];

  receive(call: ReceivedCall): OpenCall {
    const open = new OpenCall(call);
    this.#calls.push(open.record);
    return open;
  }

  /** Returns the calls in order of arrival. */
  read(): RecordedCall[] {
    return this.#calls;
  }

  reset(): void {
    this.#calls = [];
  }
}

/**
 * Returns the trace header that the SDK adds to requests from inside a function, as the field `within`. Other requests
 * have no such field.
 */
export function within(headers: IncomingHttpHeaders): { within?: string } {
  const trace = headers["x-amzn-trace-id"];
  return typeof trace === "string" ? { within: trace } : {};
}

/** Returns milliseconds of the machine's monotonic clock, which all processes of the machine share. */
export function machineMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}
