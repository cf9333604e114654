import * as v from "valibot";
import type { Grant } from "./grant.ts";
import { Secret } from "./message-fields.ts";

/**
 * The payload of the asynchronous invocation that starts a session. `grant` is the first lease. The engine may run it
 * at once if there is a `token`, otherwise when `began` answers `begin`.
 */
export interface EngineEvent {
  engine: number;
  session: string;
  /** Name of the function to report to. */
  door: string;
  grant?: Grant;
  /** With `grant`: the engine may run the lease without calling `begin` first, and reports it with this token. */
  token?: string;
  /** When the token was signed, epoch milliseconds. */
  signed?: number;
}
export const EngineEvent = v.looseObject({
  engine: v.pipe(v.number(), v.integer(), v.minValue(0)),
  session: Secret,
  door: v.string(),
  grant: v.optional(v.unknown()),
  token: v.optional(v.string()),
  signed: v.optional(v.number()),
});
