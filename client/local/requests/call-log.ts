import type { IncomingHttpHeaders } from "node:http";
import type { Service } from "./meter.ts";

/** One call to the cloud, by the clock of its endpoint. Times are of `machineMs`. */
export interface RecordedCall {
  service: Service;
  /** For example `PutItem`, `Invoke`, `Event`, `GetObject`. */
  operation: string;
  /** Who calls: `client`, or a function: `scheduler`, `report`, `engine`. */
  by: string;
  /** Trace header of the invocation that calls; absent for a client. */
  within?: string;
  /** The function that it invokes. */
  target?: string;
  /** Trace header of the invocation that it starts. */
  starts?: string;
  /** When it was received. */
  start: number;
  /** When its function began to run; absent if it invokes none. */
  began?: number;
  /** When it was answered; absent until then. */
  end?: number;
  /** What of that was the latency model's, in milliseconds. */
  waitedMs: number;
  /** Partition keys that it reads or writes. */
  partitions?: string[];
  /** Whether a read found something. */
  found?: boolean;
}

/** What is known of a call when it is received. */
export type ReceivedCall = Pick<RecordedCall, "service" | "operation" | "by"> &
  Partial<Pick<RecordedCall, "within" | "target">>;

/** A call that goes on. */
export class OpenCall {
  readonly record: RecordedCall;

  constructor(received: ReceivedCall) {
    this.record = { ...received, start: machineMs(), waitedMs: 0 };
  }

  /** Notes what the latency model waited. */
  waited(ms: number): void {
    this.record.waitedMs += ms;
  }

  /** Notes that the function runs. Of several deliveries of one event the first counts. */
  runs(trace: string): void {
    this.record.began ??= machineMs();
    this.record.starts = trace;
  }

  answered(): void {
    this.record.end = machineMs();
  }
}

/** The calls to the endpoints of one process, as long as they are not taken. */
export class CallLog {
  #calls: RecordedCall[] = [];

  receive(call: ReceivedCall): OpenCall {
    const open = new OpenCall(call);
    this.#calls.push(open.record);
    return open;
  }

  /** Returns the calls, in the order in which they came. */
  read(): RecordedCall[] {
    return this.#calls;
  }

  reset(): void {
    this.#calls = [];
  }
}

/** The invocation in which a call is made, by the header that the SDK sends with each call of a function. */
export function within(headers: IncomingHttpHeaders): { within?: string } {
  const trace = headers["x-amzn-trace-id"];
  return typeof trace === "string" ? { within: trace } : {};
}

/** Milliseconds by the machine's monotonic clock, which all its processes share. */
export function machineMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}
