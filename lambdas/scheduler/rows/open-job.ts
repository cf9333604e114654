import * as v from "valibot";
import type { MissingSince } from "../../core/missing-since.ts";
import type { IndexRange } from "../../protocol/index-ranges.ts";
import { type BodyCodec, bodyCodec } from "../../protocol/row-body.ts";

/** Results of the last scan of an open job, stored in a row of their own. */
export interface OpenJob {
  /** When a scan first found the job without a row of its own, epoch milliseconds. */
  seen?: number | undefined;
  /** Tasks known to have ended. */
  ended?: IndexRange[] | undefined;
  /** Tasks that were missing at the last scan. */
  lost?: MissingSince[] | undefined;
}

const Ranges = v.array(v.tuple([v.number(), v.number()]));

export const openJobRow: BodyCodec<OpenJob> = bodyCodec(
  v.object({
    seen: v.optional(v.number()),
    ended: v.optional(Ranges),
    lost: v.optional(v.array(v.object({ at: v.number(), ranges: Ranges }))),
  }),
);

/** The body of a job's row in the list of open jobs before its first scan. */
export const NEVER_SCANNED = openJobRow.encode({});
