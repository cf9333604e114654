import * as v from "valibot";
import { bodyCodec } from "./row-body.ts";

/** The link from a job to one that runs some of its tasks again: the body lists them, in order. */
export const resubmissionLink = bodyCodec(v.object({ ranges: v.array(v.tuple([v.number(), v.number()])) }));
