import { LRUCache } from "lru-cache";
import type { QueueEntry } from "../../core/queue-entry.ts";

/** What a scheduler process remembers of the queues. */
export interface QueueMemory {
  /** Last seen cursors, by job or by requeued work: only an estimate of what remains. */
  readonly cursors: LRUCache<string, number>;
  /** Queues that got work besides what the current message was about; placed at the end of the message. */
  readonly pending: Set<string>;
  /** The queues' entries as this process last listed them for a claim, and until when they serve others. */
  look: { queues: string; entries: readonly QueueEntry[]; until: number } | undefined;
  /** Whether the last single task that came found an engine at once, so that the next may. */
  findsRoom: boolean;
}

/** Remembers queues. */
export interface RemembersQueues {
  readonly queues: QueueMemory;
}

/** @param remembered how many cursors are remembered at once */
export function newQueueMemory(remembered: number): QueueMemory {
  return { cursors: new LRUCache({ max: remembered }), pending: new Set(), look: undefined, findsRoom: true };
}
