import { JobHeader } from "./job-header.ts";
import { bodyCodec } from "./row-body.ts";

/** The body of a job's row: its header. */
export const jobRow = bodyCodec(JobHeader);
