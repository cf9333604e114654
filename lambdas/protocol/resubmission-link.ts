import * as v from "valibot";
import { bodyCodec } from "./row-body.ts";

/** The link from a job to one that runs tasks of it again: the body says which, in order. */
export const resubmissionLink = bodyCodec(v.object({ ranges: v.array(v.tuple([v.number(), v.number()])) }));
