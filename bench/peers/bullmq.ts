import { peerRequire } from "./peer-package.ts";
import type { PeerTask } from "./peer-task.ts";

/** As much of BullMQ as the driver and its workers use. */
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

/** A task, or a Fibonacci number to be computed by two children. */
export type BullData = { task: PeerTask } | { fibonacci: number; isWaiting: boolean };

export const QUEUE = "bench";

export const bullmq: BullMq = peerRequire("bullmq");

/** Where Redis listens. BullMQ wants commands to wait for a connection as long as it takes. */
export function connectionTo(port: number): object {
  return { host: "127.0.0.1", port, maxRetriesPerRequest: null };
}
