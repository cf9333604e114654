import type { LeaseRange } from "../../core/lease.ts";
import type { QueueEntry } from "../../core/queue-entry.ts";
import { SCHEME_NAMES } from "../../protocol/flags.ts";
import { isRecord } from "../../protocol/record.ts";
import { type BodyCodec, expectWhole, isCount, parseBody } from "../../protocol/row-body.ts";

/** Codec of a queue entry's row body. Checked by hand, not by schema: a pass reads many. */
export const queueEntryBody: BodyCodec<QueueEntry> = {
  encode: (entry) => JSON.stringify(entry),
  parse: (row) =>
    parseBody(row, (queueEntry) => {
      expectWhole(isQueueEntry(queueEntry), "it is not the body of a queue entry");
      return queueEntry;
    }),
};

const SCHEMES: ReadonlySet<unknown> = new Set([undefined, ...SCHEME_NAMES]);

/** Whether a value is a queue entry. */
export function isQueueEntry(entry: unknown): entry is QueueEntry {
  if (!isRecord(entry)) return false;
  const { job, queue, priority, queued, tasks, specBytes, scheme, run } = entry;
  return (
    typeof job === "string" &&
    typeof queue === "string" &&
    typeof priority === "number" &&
    typeof queued === "number" &&
    isCount(tasks) &&
    typeof specBytes === "number" &&
    SCHEMES.has(scheme) &&
    (run === undefined || isRequeued(run))
  );
}

function isRequeued(run: unknown): run is NonNullable<QueueEntry["run"]> {
  if (!isRecord(run)) return false;
  const { runs, hop, atMost, avoid } = run;
  return (
    Array.isArray(runs) &&
    runs.length > 0 &&
    runs.every(isRange) &&
    isCount(hop) &&
    (atMost === undefined || isCount(atMost)) &&
    (avoid === undefined || isCount(avoid))
  );
}

function isRange(range: unknown): range is LeaseRange {
  return isRecord(range) && isCount(range.from) && isCount(range.to) && isCount(range.attempt);
}
