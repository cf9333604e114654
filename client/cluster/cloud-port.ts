import type { Row } from "../../lambdas/protocol/rows.ts";
import type { SchedulerAnswer } from "../../lambdas/protocol/scheduler-messages.ts";

/** One outcome page as it was read: its sort key, and the body that `unpackOutcomePage` takes. */
export interface ReadPage {
  sk: string;
  body: string;
}

/** All that a client asks of a cloud. Each call repeats throttled and failed requests by itself before it rejects. */
export interface CloudPort {
  /** What tells its cluster from others, where a client can reach several. */
  readonly cluster?: string;
  /**
   * Invokes the scheduler's door with one message, given as JSON text.
   *
   * @throws ClusterError when the scheduler could not be reached, or died of the message
   */
  ask(message: string): Promise<SchedulerAnswer>;
  /** The row of a job, by a consistent read. */
  jobRow(job: string): Promise<Row | undefined>;
  /** Outcome pages of one bucket whose first index is in [first, past), in order, by a consistent read. */
  outcomePages(job: string, bucket: number, first: number, past: number): Promise<ReadPage[]>;
  /** Rows of a partition of the task table, in the order of their sort keys, both bounds included, by a consistent read. */
  listRows(pk: string, between: { from: string; to: string }, limit?: number): Promise<Row[]>;
  /** Stores bytes under the hash that names them: their own, or for a code unit's Brotli its source's. */
  putBlob(hash: string, bytes: Uint8Array): Promise<void>;
  getBlob(hash: string): Promise<Uint8Array>;
  /** Lets go of sockets. */
  close(): void;
}
