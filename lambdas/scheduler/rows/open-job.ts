import * as v from "valibot";
import type { IndexRange } from "../../protocol/index-ranges.ts";
import { type BodyCodec, bodyCodec } from "../../protocol/row-body.ts";

/** What the sweep remembers of an open job, stored in the job's row of the open-jobs list. */
export interface OpenJob {
  /** When the job was first looked at without having a row of its own, epoch milliseconds. */
  seen?: number | undefined;
  ended?: IndexRange[] | undefined;
  missing?: IndexRange[] | undefined;
  /** When `missing` was found, epoch milliseconds. */
  at?: number | undefined;
}

const Ranges = v.array(v.tuple([v.number(), v.number()]));

export const openJobRow: BodyCodec<OpenJob> = bodyCodec(
  v.object({
    seen: v.optional(v.number()),
    ended: v.optional(Ranges),
    missing: v.optional(Ranges),
    at: v.optional(v.number()),
  }),
);

/** The body of a job's row in the open-jobs list before the first look at the job. */
export const NOT_LOOKED_AT = openJobRow.encode({});
