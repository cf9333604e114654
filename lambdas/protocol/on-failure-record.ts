import * as v from "valibot";
import { Secret } from "./message-fields.ts";

/**
 * The fields that fantail reads from Lambda's record of a failed asynchronous invocation. Lambda may drop the response,
 * so only the request is required.
 */
export const OnFailureRecord = v.looseObject({
  requestContext: v.looseObject({ functionArn: v.string(), condition: v.string() }),
  requestPayload: v.looseObject({ engine: v.pipe(v.number(), v.integer(), v.minValue(0)), session: Secret }),
  responsePayload: v.optional(v.unknown()),
});
export type OnFailureRecord = v.InferOutput<typeof OnFailureRecord>;
