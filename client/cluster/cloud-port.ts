import type { Row } from "../../lambdas/protocol/rows.ts";
import type { SchedulerAnswer } from "../../lambdas/protocol/scheduler-answer.ts";

/** One outcome page as read: its sort key, and the body for `unpackOutcomePage`. */
export interface ReadPage {
  sk: string;
  body: string;
}

/** All requests of a client to a cloud. Each retries throttled and failed requests before it rejects. */
export interface CloudPort {
  /** Identifies the cluster among those that a client can reach; absent inside a task, which reaches only its own. */
  readonly cluster?: string;
  /**
   * Invokes the scheduler function with one message as JSON text.
   *
   * @throws ClusterError if the scheduler could not be reached, or crashed on the message
   */
  ask(message: string): Promise<SchedulerAnswer>;
  /** Reads the row of a job, with strong consistency; undefined if there is none. */
  jobRow(job: string): Promise<Row | undefined>;
  /** Whether `outcomePages` can wait for news. */
  readonly canWait?: boolean;
  /**
   * Reads those outcome pages of a bucket that begin at an index in [first, past), in order, with strong consistency.
   *
   * @param waits whether a cloud that can wait resolves only once there is a page that was not read before, or after a
   *   second. Default false
   */
  outcomePages(job: string, bucket: number, first: number, past: number, waits?: boolean): Promise<ReadPage[]>;
  /**
   * Reads rows of a partition of the task table in the order of their sort keys, both bounds included, with strong
   * consistency.
   */
  listRows(pk: string, between: { from: string; to: string }, limit?: number): Promise<Row[]>;
  /**
   * Stores bytes under their own hash, under the name of a pack, or, for a Brotli-compressed code unit, under its
   * source's hash.
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
