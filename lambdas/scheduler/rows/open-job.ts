import * as v from "valibot";
import type { MissingSince } from "../../core/missing-since.ts";
import type { IndexRange } from "../../protocol/index-ranges.ts";
import { type BodyCodec, bodyCodec } from "../../protocol/row-body.ts";

/** The sweep's notes on an open job, stored in the job's row of the open-jobs list. */
export interface OpenJob {
  /** When the first look found that the job has no row of its own, epoch milliseconds. */
  seen?: number | undefined;
  ended?: IndexRange[] | undefined;
  /** Tasks that were missing at the last look. */
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

/** The body of a job's row in the open-jobs list before the first look at the job. */
export const NOT_LOOKED_AT = openJobRow.encode({});
