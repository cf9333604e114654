import { LRUCache } from "lru-cache";
import type { QueueEntry } from "../../core/queue-entry.ts";

/** A scheduler process's memory of queues. */
export interface QueueMemory {
  /**
   * Last seen cursors, by job or by batch of requeued tasks. They only help to estimate how many tasks remain, because
   * other schedulers claim tasks too.
   */
  readonly cursors: LRUCache<string, number>;
  /** Queues in which the current message has written work. The work is placed at the end of the message. */
  readonly pending: Set<string>;
  /**
   * The queue entries that this process last listed for a claim, and the time until which other claims may use that
   * list. `undefined` if the next claim must list them again.
   */
  listed: { queues: string; entries: readonly QueueEntry[]; until: number } | undefined;
  /** Whether this process found no waiting work when it last looked for work for an engine with room. */
  foundNone: boolean;
  /** Whether the last single-task job found an engine at once. If so, the next one probably will too. */
  findsRoom: boolean;
}

/** Access to the memory of queues. */
export interface RemembersQueues {
  readonly memory: { readonly queues: QueueMemory };
}

/** @param remembered maximum number of cursors to remember */
export function newQueueMemory(remembered: number): QueueMemory {
  return {
    cursors: new LRUCache({ max: remembered }),
    pending: new Set(),
    listed: undefined,
    foundNone: false,
    findsRoom: true,
  };
}
