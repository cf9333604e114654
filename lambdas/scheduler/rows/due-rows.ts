import { entrySource, type QueueEntry } from "../../core/queue-entry.ts";
import { isDerived } from "../../core/queue-name.ts";
import { isRecord } from "../../protocol/record.ts";
import { type BodyCodec, Damage, isCount, parseBody } from "../../protocol/row-body.ts";
import { DUE_PARTITION, dueKey, type Row } from "../../protocol/rows.ts";
import { entryIn, storedEntry } from "./queue-entry-body.ts";
import { allReadable } from "./readable.ts";
import type { LoggedRows } from "./row-access.ts";

/** An action that is due at a given time. */
export type Due =
  | { type: "queue"; entry: QueueEntry }
  | { type: "expire"; job: string; queue: string }
  /** Resolves the dependents of the tasks in an outcome page. */
  | { type: "cascade"; job: string; first: number; lease: string };

/**
 * The codec of a due row's body. Stored rows outlive a deployment, so the queue entry is in a field with the name
 * that older versions gave it.
 */
export const dueBody: BodyCodec<Due> = {
  encode: (due) => JSON.stringify(due.type === "queue" ? { type: due.type, hint: storedEntry(due.entry) } : due),
  parse: (row) => parseBody(row, dueIn),
};

function dueIn(body: unknown): Due {
  if (!isRecord(body)) throw new Damage("it is not an object");
  const { type, hint, job, queue, first, lease } = body;
  const entry = type === "queue" ? entryIn(hint) : undefined;
  if (type === "queue" && entry) return { type, entry };
  if (type === "expire" && typeof job === "string" && typeof queue === "string") return { type, job, queue };
  if (type === "cascade" && typeof job === "string" && isCount(first) && typeof lease === "string")
    return { type, job, first, lease };
  throw new Damage("it contains no known action");
}

/** A row that queues an entry at `time`, in epoch milliseconds. */
export function delayedRow(time: number, entry: QueueEntry): Row {
  return { ...dueKey(time, entry.job, entrySource(entry)), body: dueBody.encode({ type: "queue", entry }) };
}

/** A row that resolves the dependents of an outcome page at `time`, in epoch milliseconds. */
export function cascadeRow(time: number, job: string, first: number, lease: string): Row {
  const key = dueKey(Math.ceil(time), job, `cascade.${first}.${lease}`);
  return { ...key, body: dueBody.encode({ type: "cascade", job, first, lease }) };
}

/** A row that ends a job's expired tasks at `time`, in epoch milliseconds. */
export function expiryRow(time: number, job: string, queue: string): Row {
  const key = dueKey(Math.ceil(time), job, isDerived(queue) ? `expire ${queue}` : "expire");
  return { ...key, body: dueBody.encode({ type: "expire", job, queue }) };
}

/** Lists queue entries that are queued at a later time, such as delayed retries, for all jobs. */
export async function delayedEntries(cluster: LoggedRows, limit?: number): Promise<QueueEntry[]> {
  const rows = await cluster.store.list(DUE_PARTITION, limit === undefined ? {} : { limit });
  return allReadable(cluster, rows, dueBody.parse).flatMap((due) => (due.type === "queue" ? [due.entry] : []));
}
