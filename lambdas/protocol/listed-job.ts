import * as v from "valibot";
import { bodyCodec } from "./row-body.ts";

/** What the list of a day tells of a job: the body of its row there, whose key says the rest. */
export const listedJobRow = bodyCodec(
  v.object({ tasks: v.number(), label: v.optional(v.string()), client: v.optional(v.string()) }),
);
