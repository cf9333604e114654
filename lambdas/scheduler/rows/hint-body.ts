import type { Hint } from "../../core/hint.ts";
import type { LeaseRun } from "../../core/lease.ts";
import { SCHEME_NAMES } from "../../protocol/flags.ts";
import { isRecord } from "../../protocol/record.ts";
import { type BodyCodec, expectWhole, isCount, parseBody } from "../../protocol/row-body.ts";

/** Codec of a queue entry's row body. Checked by hand, not by schema: a pass reads many. */
export const hintBody: BodyCodec<Hint> = {
  encode: (hint) => JSON.stringify(hint),
  parse: (row) =>
    parseBody(row, (hint) => {
      expectWhole(isHint(hint), "it names no work");
      return hint;
    }),
};

const SCHEMES: ReadonlySet<unknown> = new Set([undefined, ...SCHEME_NAMES]);

/** Whether a value is a queue entry. */
export function isHint(hint: unknown): hint is Hint {
  if (!isRecord(hint)) return false;
  const { job, queue, priority, queued, tasks, specBytes, scheme, run } = hint;
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

function isRequeued(run: unknown): run is NonNullable<Hint["run"]> {
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

function isRange(range: unknown): range is LeaseRun {
  return isRecord(range) && isCount(range.from) && isCount(range.to) && isCount(range.attempt);
}
