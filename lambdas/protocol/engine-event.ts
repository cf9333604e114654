import * as v from "valibot";
import type { Grant } from "./grant.ts";
import { Secret } from "./message-fields.ts";

/**
 * The payload of the asynchronous invocation that starts a session. `grant` is the first lease, which is valid once
 * `begin` is answered with `began`.
 */
export interface EngineEvent {
  engine: number;
  session: string;
  /** Name of the function to report to. */
  door: string;
  grant?: Grant;
}
export const EngineEvent = v.looseObject({
  engine: v.pipe(v.number(), v.integer(), v.minValue(0)),
  session: Secret,
  door: v.string(),
  grant: v.optional(v.unknown()),
});
