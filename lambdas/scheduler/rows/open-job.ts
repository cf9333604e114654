import * as v from "valibot";
import type { MissingSince } from "../../core/missing-since.ts";
import type { IndexRange } from "../../protocol/index-ranges.ts";
import { type BodyCodec, bodyCodec } from "../../protocol/row-body.ts";

/** Results of the last look at an open job, stored in the job's row in the list of open jobs. */
export interface OpenJob {
  /** When a look first found the job without a row of its own, epoch milliseconds. */
  seen?: number | undefined;
  /** Tasks known to have ended. */
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

/** The body of a job's row in the list of open jobs before the first look at the job. */
export const NOT_LOOKED_AT = openJobRow.encode({});
