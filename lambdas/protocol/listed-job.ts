import * as v from "valibot";
import { bodyCodec } from "./row-body.ts";

/** The body of a job's row in the list for its day. The row's key holds the rest. */
export const listedJobRow = bodyCodec(
  v.object({ tasks: v.number(), label: v.optional(v.string()), client: v.optional(v.string()) }),
);
