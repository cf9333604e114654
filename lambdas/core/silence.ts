import type { Session } from "./engine.ts";

/** Longest pause between two messages of an engine at work: its heartbeats slow down to this. */
const BEAT_MS = 10_000;

/** Clocks of schedulers differ, and messages take their time. */
const SLACK_MS = 5000;

/** A heartbeat is noted in the engine's row when nothing has been for so long, so that short tasks cost no write for it. */
const NOTE_AFTER_MS = 5000;

/** Heartbeats that a session may miss. */
const MISSED_BEATS = 3;

/** The session after a message of its own. */
export function heardSession(session: Session, now: number): Session {
  return { ...session, heard: now, overdue: undefined };
}

/** Whether that a session was heard of is worth a write by itself. */
export function isWorthNoting({ heard, overdue }: Session, now: number): boolean {
  return overdue !== undefined || heard === undefined || now - heard >= NOTE_AFTER_MS;
}

/**
 * What a look at a session that has begun comes to. `overdue`: it has missed a heartbeat, which is noted. `silent`: it has missed three,
 * and one of them since that was noted; so a machine that was suspended, with all that runs on it, has time to be heard again.
 */
export function silenceOf({ heard, overdue }: Session, now: number): "none" | "overdue" | "silent" {
  if (heard === undefined || now - heard <= BEAT_MS + SLACK_MS) return "none";
  if (overdue === undefined) return "overdue";
  return now - heard > MISSED_BEATS * BEAT_MS + SLACK_MS && now - overdue >= BEAT_MS ? "silent" : "none";
}
