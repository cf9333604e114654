import * as v from "valibot";
import type { Grant } from "./grant.ts";
import { Secret } from "./message-fields.ts";
import { ReportMessage } from "./report-messages.ts";

/**
 * The payload of the invocation that starts a session. `grant` is the first lease. The engine may run it
 * at once if there is a `token`, otherwise when `began` answers `begin`.
 */
export interface EngineEvent {
  engine: number;
  session: string;
  /** Name of the function to report to. */
  door: string;
  grant?: Grant;
  /**
   * Comes only with `grant`. It allows the engine to run the lease before it calls `begin`, and to begin the session
   * with its report of the lease.
   */
  token?: string;
  /** When the token was signed, epoch milliseconds. */
  signed?: number;
  /**
   * With `token`, in a synchronous invocation: if the lease ends within this time, in milliseconds, the invocation
   * returns its report instead of sending it.
   */
  answerMs?: number;
}
export const EngineEvent = v.looseObject({
  engine: v.pipe(v.number(), v.integer(), v.minValue(0)),
  session: Secret,
  door: v.string(),
  grant: v.optional(v.unknown()),
  token: v.optional(v.string()),
  signed: v.optional(v.number()),
  answerMs: v.optional(v.number()),
});

/** The part of an engine's response that the scheduler reads: the report, if the invocation returns it. */
export const EngineResponse = v.looseObject({ report: v.optional(ReportMessage) });
