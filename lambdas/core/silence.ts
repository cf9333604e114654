import type { Session } from "./engine.ts";

/** Maximum interval between two messages of a working engine, to which its heartbeats slow down. */
const BEAT_MS = 10_000;

/** Allowance for clock differences between schedulers, and for message latency. */
const SLACK_MS = 5000;

/**
 * A heartbeat is written to the engine's row only if none has been for this long, so short tasks cost no writes for it.
 */
const NOTE_AFTER_MS = 5000;

/** Number of heartbeats that a session may miss. */
const MISSED_BEATS = 3;

/** The session after it has sent a message. */
export function heardSession(session: Session, now: number): Session {
  return { ...session, heard: now, overdue: undefined };
}

/** Whether hearing from a session is worth a write of its own. */
export function isWorthNoting({ heard, overdue }: Session, now: number): boolean {
  return overdue !== undefined || heard === undefined || now - heard >= NOTE_AFTER_MS;
}

/**
 * Judges a session that has begun. `overdue`: it has missed a heartbeat, which is now recorded. `silent`: it has missed
 * three, one of them since that was recorded. A suspended machine, with everything on it, thus has time to be heard
 * again.
 */
export function silenceOf({ heard, overdue }: Session, now: number): "none" | "overdue" | "silent" {
  if (heard === undefined || now - heard <= BEAT_MS + SLACK_MS) return "none";
  if (overdue === undefined) return "overdue";
  return now - heard > MISSED_BEATS * BEAT_MS + SLACK_MS && now - overdue >= BEAT_MS ? "silent" : "none";
}
