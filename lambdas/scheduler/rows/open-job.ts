import * as v from "valibot";
import type { IndexRange } from "../../protocol/index-ranges.ts";
import { type BodyCodec, bodyCodec } from "../../protocol/row-body.ts";

/** What the sweep remembers of an open job, in its row of the list of open jobs. */
export interface OpenJob {
  /** When it was first looked at, epoch milliseconds. */
  seen?: number | undefined;
  ended?: IndexRange[] | undefined;
  missing?: IndexRange[] | undefined;
  /** When `missing` was found. */
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

/** The body of a job's row in the list before anybody has looked at the job. */
export const NOT_LOOKED_AT = openJobRow.encode({});
