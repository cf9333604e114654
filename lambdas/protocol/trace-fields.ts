import * as v from "valibot";

/** W3C trace context, as it travels with a job. */
export const TraceFields = {
  /** The `traceparent` of the span in which the job was submitted; absent unless the client records traces. */
  traceparent: v.optional(v.pipe(v.string(), v.regex(/^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/))),
  /** The `tracestate` of that span; absent if it is empty. */
  tracestate: v.optional(v.pipe(v.string(), v.maxLength(512))),
};
export interface TraceFields {
  traceparent?: string | undefined;
  tracestate?: string | undefined;
}
