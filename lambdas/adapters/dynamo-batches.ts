import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  type DynamoDBClient,
  type WriteRequest,
} from "@aws-sdk/client-dynamodb";
import { ClusterError } from "../protocol/errors.ts";
import type { Item } from "./dynamo-item.ts";

/** Limits of one batch. `BATCH_WRITE_BYTES` leaves room below DynamoDB's limit of 16 MB. */
const BATCH_WRITE_ROWS = 25;
const BATCH_READ_KEYS = 100;
const BATCH_WRITE_BYTES = 12_000_000;

/** First pause before retrying unprocessed items, in milliseconds; it doubles each time. */
const UNPROCESSED_WAIT_MS = 25;
const UNPROCESSED_TRIES = 10;

/** Number of concurrent batches. */
const BATCHES_AT_ONCE = 4;

/** A write of one item, and its approximate size. */
export interface BatchedWrite {
  table: string;
  bytes: number;
  request: WriteRequest;
}

/** A key to read. */
export interface BatchedRead {
  table: string;
  key: Item;
}

/**
 * DynamoDB's batch calls. A call is repeated for the items that DynamoDB did not process, until none is left; it
 * rejects after 10 repetitions.
 */
export class DynamoBatches {
  readonly #client: DynamoDBClient;

  constructor(client: DynamoDBClient) {
    this.#client = client;
  }

  /** Reads the items that exist, in no particular order. Reads are consistent. */
  async read(keys: readonly BatchedRead[]): Promise<Item[]> {
    const found: Item[] = [];
    for (let at = 0; at < keys.length; at += BATCH_READ_KEYS)
      await this.#readAll(keys.slice(at, at + BATCH_READ_KEYS), found);
    return found;
  }

  /** Writes items, in several concurrent batches. A key must not occur twice. */
  async write(requests: readonly BatchedWrite[]): Promise<void> {
    const batches: Record<string, WriteRequest[]>[] = [];
    let count = 0;
    let bytes = 0;
    for (const { table, bytes: size, request } of requests) {
      if (count === 0 || count === BATCH_WRITE_ROWS || bytes + size > BATCH_WRITE_BYTES) {
        batches.push({});
        count = 0;
        bytes = 0;
      }
      const batch = batches.at(-1) ?? {};
      batch[table] ??= [];
      batch[table].push(request);
      count++;
      bytes += size;
    }
    let next = 0;
    const sender = async () => {
      for (let batch = batches[next++]; batch; batch = batches[next++]) await this.#writeAll(batch);
    };
    await Promise.all(Array.from({ length: Math.min(BATCHES_AT_ONCE, batches.length) }, sender));
  }

  async #writeAll(batch: Record<string, WriteRequest[]>): Promise<void> {
    let left = batch;
    for (let attempt = 0; Object.keys(left).length > 0; attempt++) {
      if (attempt > 0) await backOff(attempt, "write");
      const answer = await this.#client.send(
        new BatchWriteItemCommand({ RequestItems: left, ReturnConsumedCapacity: "TOTAL" }),
      );
      left = answer.UnprocessedItems ?? {};
    }
  }

  async #readAll(keys: readonly BatchedRead[], found: Item[]): Promise<void> {
    let left: Record<string, { Keys: Item[]; ConsistentRead: boolean }> = {};
    for (const { table, key } of keys) {
      left[table] ??= { Keys: [], ConsistentRead: true };
      left[table].Keys.push(key);
    }
    for (let attempt = 0; Object.keys(left).length > 0; attempt++) {
      if (attempt > 0) await backOff(attempt, "read");
      const answer = await this.#client.send(
        new BatchGetItemCommand({ RequestItems: left, ReturnConsumedCapacity: "TOTAL" }),
      );
      for (const items of Object.values(answer.Responses ?? {})) found.push(...items);
      left = {};
      for (const [table, { Keys }] of Object.entries(answer.UnprocessedKeys ?? {}))
        if (Keys && Keys.length > 0) left[table] = { Keys, ConsistentRead: true };
    }
  }
}

async function backOff(attempt: number, label: string): Promise<void> {
  if (attempt > UNPROCESSED_TRIES)
    throw new ClusterError(`DynamoDB did not finish a batch ${label} in ${attempt} attempts: try again later`, {
      retryable: true,
    });
  await new Promise((resolve) => setTimeout(resolve, UNPROCESSED_WAIT_MS * 2 ** (attempt - 1)));
}
