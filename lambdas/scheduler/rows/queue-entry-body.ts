import type { LeaseRange } from "../../core/lease.ts";
import type { QueueEntry } from "../../core/queue-entry.ts";
import { SCHEME_NAMES } from "../../protocol/flags.ts";
import { isRecord } from "../../protocol/record.ts";
import { type BodyCodec, Damage, isCount, parseBody } from "../../protocol/row-body.ts";

/**
 * Codec of a queue entry's row body. The body is checked by hand, because a pass reads many entries, and a schema would
 * be slower.
 */
export const queueEntryBody: BodyCodec<QueueEntry> = {
  encode: (entry) => JSON.stringify(storedEntry(entry)),
  parse: (row) =>
    parseBody(row, (stored) => {
      const entry = entryIn(stored);
      if (!entry) throw new Damage("it is not the body of a queue entry");
      return entry;
    }),
};

type Requeued = NonNullable<QueueEntry["requeued"]>;

/** A queue entry as rows hold it: the batch of requeued tasks is called `run`, and its ranges `runs`. */
interface StoredEntry extends Omit<QueueEntry, "requeued"> {
  run?: StoredBatch;
}

interface StoredBatch extends Omit<Requeued, "ranges"> {
  runs: LeaseRange[];
}

/** Returns a queue entry as rows hold it. */
export function storedEntry({ requeued, ...entry }: QueueEntry): StoredEntry {
  if (!requeued) return entry;
  const { ranges: runs, ...batch } = requeued;
  return { ...entry, run: { runs, ...batch } };
}

/** Parses a stored queue entry; `undefined` if the value is not one. */
export function entryIn(stored: unknown): QueueEntry | undefined {
  if (!isStoredEntry(stored)) return undefined;
  const { run, ...entry } = stored;
  if (!run) return entry;
  const { runs: ranges, ...batch } = run;
  return { ...entry, requeued: { ranges, ...batch } };
}

const SCHEMES: ReadonlySet<unknown> = new Set([undefined, ...SCHEME_NAMES]);

function isStoredEntry(entry: unknown): entry is StoredEntry {
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
    (run === undefined || isStoredBatch(run))
  );
}

function isStoredBatch(batch: unknown): batch is StoredBatch {
  if (!isRecord(batch)) return false;
  const { runs, hop, atMost, avoid } = batch;
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
