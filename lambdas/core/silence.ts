import type { Session } from "./engine.ts";

/**
 * Interval to which the heartbeats of a working engine slow down, and hence the longest between two of its messages, in
 * milliseconds.
 */
const BEAT_MS = 10_000;

/** Allowance for clock differences between schedulers, and for message latency, in milliseconds. */
const SLACK_MS = 5000;

/**
 * Minimum interval between heartbeats that are written to the engine's row, in milliseconds, so that short tasks cause
 * no extra writes.
 */
const NOTE_AFTER_MS = 5000;

/** Number of heartbeats that a session may miss. */
const MISSED_BEATS = 3;

/** The session after it has sent a message at `now`. */
export function heardSession(session: Session, now: number): Session {
  return { ...session, heard: now, overdue: undefined };
}

/** Whether a message from the session must be recorded by a write of its own. */
export function isWorthNoting({ heard, overdue }: Session, now: number): boolean {
  return overdue !== undefined || heard === undefined || now - heard >= NOTE_AFTER_MS;
}

/**
 * Judges a session that has begun. `overdue`: it has missed a heartbeat, which the caller records. `silent`: it has
 * missed three, one of them since that record. So after the whole machine was suspended, scheduler included, the
 * session has time to send another heartbeat.
 */
export function silenceOf({ heard, overdue }: Session, now: number): "none" | "overdue" | "silent" {
  if (heard === undefined || now - heard <= BEAT_MS + SLACK_MS) return "none";
  if (overdue === undefined) return "overdue";
  return now - heard > MISSED_BEATS * BEAT_MS + SLACK_MS && now - overdue >= BEAT_MS ? "silent" : "none";
}
