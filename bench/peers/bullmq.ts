import { peerRequire } from "./peer-package.ts";
import type { PeerTask } from "./peer-task.ts";

/** The part of BullMQ that the driver and its workers use. */
interface BullMq {
  Queue: new (name: string, options: object) => BullQueue;
  QueueEvents: new (name: string, options: object) => BullQueueEvents;
  Worker: new (name: string, process: (job: BullJob, token: string) => Promise<unknown>, options: object) => BullWorker;
  WaitingChildrenError: new () => Error;
}

interface BullQueue {
  add(name: string, data: object, options?: object): Promise<{ id: string }>;
  addBulk(jobs: { name: string; data: object }[]): Promise<{ id: string }[]>;
  waitUntilReady(): Promise<unknown>;
  close(): Promise<void>;
}

interface BullQueueEvents {
  on(event: "completed", listener: (of: { jobId: string; returnvalue: unknown }) => void): void;
  on(event: "failed", listener: (of: { jobId: string; failedReason: string }) => void): void;
  waitUntilReady(): Promise<unknown>;
  close(): Promise<void>;
}

interface BullWorker {
  on(event: "error", listener: (error: Error) => void): void;
  waitUntilReady(): Promise<unknown>;
}

export interface BullJob {
  id: string;
  queueQualifiedName: string;
  data: BullData;
  updateData(data: BullData): Promise<void>;
  moveToWaitingChildren(token: string): Promise<boolean>;
  getChildrenValues(): Promise<Record<string, number>>;
}

/** Input of a job: a task, or the index of a Fibonacci number to be computed by two child jobs. */
export type BullData = { task: PeerTask } | { fibonacci: number; isWaiting: boolean };

export const QUEUE = "bench";

export const bullmq: BullMq = peerRequire("bullmq");

/**
 * Returns the options of a connection. BullMQ requires that `maxRetriesPerRequest` is `null`, so that commands wait for
 * a connection indefinitely.
 */
export function connectionTo(port: number): object {
  return { host: "127.0.0.1", port, maxRetriesPerRequest: null };
}
