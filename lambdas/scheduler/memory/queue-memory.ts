import { LRUCache } from "lru-cache";
import type { QueueEntry } from "../../core/queue-entry.ts";

/** A scheduler process's memory of queues. */
export interface QueueMemory {
  /** Last seen cursors, by job or by batch of requeued tasks. They give only an estimate of the remaining tasks. */
  readonly cursors: LRUCache<string, number>;
  /** Queues in which the current message has put work. It is placed at the end of the message. */
  readonly pending: Set<string>;
  /**
   * The queue entries that this process last listed for a claim, and the time until which other claims may use them.
   */
  look: { queues: string; entries: readonly QueueEntry[]; until: number } | undefined;
  /** Whether the last single task found an engine at once, so that the next one probably will. */
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
