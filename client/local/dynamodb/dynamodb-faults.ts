import * as v from "valibot";

/** Faults to inject into DynamoDB requests. All of them can happen on AWS too. */
export class DynamoDbFaults {
  #throttled = 0;
  #halved = 0;
  #throttledOperation: string | undefined;

  /**
   * Fails the next `requests` requests with ProvisionedThroughputExceededException. If `operation` is given, counts and
   * fails only requests of that operation.
   */
  throttle({ requests, operation }: { requests: number; operation?: string | undefined }): void {
    this.#throttled = requests;
    this.#throttledOperation = operation;
  }

  /** Leaves half of the items (rounded up) of each of the next `batches` BatchWriteItem calls unprocessed. */
  leaveUnprocessed({ batches }: { batches: number }): void {
    this.#halved = batches;
  }

  /** Whether this request must be refused. Each true answer uses up one fault. */
  takesThrottle(operation: string): boolean {
    if (this.#throttled === 0 || (this.#throttledOperation ?? operation) !== operation) return false;
    this.#throttled--;
    return true;
  }

  /** Whether half of this batch must be left unprocessed. Each true answer uses up one fault. */
  takesHalving(operation: string): boolean {
    if (this.#halved === 0 || operation !== "BatchWriteItem") return false;
    this.#halved--;
    return true;
  }
}

const BatchWrite = v.pipe(
  v.string(),
  v.parseJson(),
  v.looseObject({ RequestItems: v.record(v.string(), v.array(v.unknown())) }),
);

/**
 * Splits a BatchWriteItem. Returns its body with the first half of its items, or an empty text if that half has none,
 * and the second half as `UnprocessedItems`.
 */
export function halveBatch(body: string): { kept: string; unprocessed: Record<string, unknown[]> } {
  const request = v.parse(BatchWrite, body);
  const writes = Object.entries(request.RequestItems).flatMap(([table, items]) =>
    items.map((item) => ({ table, item })),
  );
  const half = Math.floor(writes.length / 2);
  const byTable = (part: typeof writes) => {
    const tables: Record<string, unknown[]> = {};
    for (const { table, item } of part) {
      tables[table] ??= [];
      tables[table].push(item);
    }
    return tables;
  };
  return {
    kept: half === 0 ? "" : JSON.stringify({ ...request, RequestItems: byTable(writes.slice(0, half)) }),
    unprocessed: byTable(writes.slice(half)),
  };
}
