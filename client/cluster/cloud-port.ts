import type { HighWaterMark } from "../../lambdas/protocol/flags.ts";
import type { Row } from "../../lambdas/protocol/rows.ts";
import type { SchedulerAnswer } from "../../lambdas/protocol/scheduler-answer.ts";
import type { JobLedger } from "./job-ledger.ts";

/** One outcome page as read: its sort key, and the body for `unpackOutcomePage`. */
export interface ReadPage {
  sk: string;
  body: string;
}

/** All requests of a client to a cloud. Each retries throttled and failed requests before it rejects. */
export interface CloudPort {
  /** Identifies the cluster; absent inside a task, which can reach only its own. */
  readonly cluster?: string;
  /** AWS region of the cluster; absent if unknown. */
  readonly region?: string | undefined;
  /** The cluster's high-water mark; absent if unknown. */
  readonly hwm?: HighWaterMark | undefined;
  /** This client's own usage of AWS, by job; absent inside a task. */
  readonly ledger?: JobLedger;
  /**
   * Invokes the scheduler function with one message as JSON text.
   *
   * @throws ClusterError if the scheduler could not be reached, or crashed on the message
   */
  ask(message: string): Promise<SchedulerAnswer>;
  /** Reads the row of a job, with strong consistency; undefined if there is none. */
  jobRow(job: string): Promise<Row | undefined>;
  /** Whether `outcomePages` can wait for a new page. */
  readonly canWait?: boolean;
  /**
   * Reads those outcome pages of a bucket that begin at an index in [first, past), in order, with strong consistency.
   *
   * @param waits whether to resolve only once there is a page that was not read before, or after a second. Clouds that
   *   cannot wait ignore it. Default false
   */
  outcomePages(job: string, bucket: number, first: number, past: number, waits?: boolean): Promise<ReadPage[]>;
  /**
   * Reads rows of a partition of the task table in the order of their sort keys, including both bounds, with strong
   * consistency.
   *
   * @param limit maximum number of rows. Default: all
   * @param descending whether to begin at the upper bound. Default false
   */
  listRows(pk: string, between: { from: string; to: string }, limit?: number, descending?: boolean): Promise<Row[]>;
  /**
   * Stores bytes under a name: their own hash, the name of a pack, or, for a Brotli-compressed code unit, its source's
   * hash.
   */
  putBlob(name: string, bytes: Uint8Array): Promise<void>;
  /** @throws ValueLost if there is no such blob, or it was changed */
  getBlob(hash: string): Promise<Uint8Array>;
  /**
   * Reads bytes [from, to) of a pack, without checking a hash.
   *
   * @throws ValueLost if there is no such pack, or it is too short
   */
  getPart(pack: string, from: number, to: number): Promise<Uint8Array>;
  /** Closes the sockets. */
  close(): void;
}
