import * as v from "valibot";
import { bodyCodec } from "./row-body.ts";

/** The body of the row that holds what a task has written while it runs. The outcome, when it comes, says all of it. */
export const OutputSoFar = v.object({ attempt: v.number(), stdout: v.string(), stderr: v.string() });
export type OutputSoFar = v.InferOutput<typeof OutputSoFar>;

export const outputRow = bodyCodec(OutputSoFar);
