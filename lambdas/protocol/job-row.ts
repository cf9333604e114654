import { bodyCodec } from "./row-body.ts";
import { JobHeader } from "./scheduler-messages.ts";

/** The body of a job's row: its header. */
export const jobRow = bodyCodec(JobHeader);
