import { LRUCache } from "lru-cache";
import type { QueueEntry } from "../../core/queue-entry.ts";

/** A scheduler process's memory of queues. */
export interface QueueMemory {
  /**
   * Last seen cursors, by job or by batch of requeued tasks. They only help to estimate how many tasks remain, because
   * other schedulers claim tasks too.
   */
  readonly cursors: LRUCache<string, number>;
  /** Queues in which the current message has put work, which is placed at the end of the message. */
  readonly pending: Set<string>;
  /**
   * The queue entries that this process last listed for a claim, and the time until which other claims may use that
   * list. `undefined` if the next claim must list them again.
   */
  look: { queues: string; entries: readonly QueueEntry[]; until: number } | undefined;
  /** Whether the last job of a single task found an engine at once, so that the next such job probably will. */
  findsRoom: boolean;
}

/** Access to the memory of queues. */
export interface RemembersQueues {
  readonly queues: QueueMemory;
}

/** @param remembered maximum number of cursors to remember */
export function newQueueMemory(remembered: number): QueueMemory {
  return { cursors: new LRUCache({ max: remembered }), pending: new Set(), look: undefined, findsRoom: true };
}
