import * as v from "valibot";
import { bodyCodec } from "./row-body.ts";

/** The body of the row with a running task's output so far. The outcome later holds all of it. */
export const OutputSoFar = v.object({ attempt: v.number(), stdout: v.string(), stderr: v.string() });
export type OutputSoFar = v.InferOutput<typeof OutputSoFar>;

export const outputRow = bodyCodec(OutputSoFar);
