import type { Session } from "./engine.ts";

/** Longest pause between two heartbeats of a working engine, in milliseconds. */
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

/** Whether a message from the session must be recorded by a write that serves no other purpose. */
export function isWorthNoting({ heard, overdue }: Session, now: number): boolean {
  return overdue !== undefined || heard === undefined || now - heard >= NOTE_AFTER_MS;
}

/**
 * Judges a session that has begun. `overdue`: the session has missed a heartbeat, and the caller must record this.
 * `silent`: it has missed three, and has sent nothing for the time of a heartbeat since that record. Otherwise `none`.
 * So if a whole machine was suspended, including the scheduler, the session has time to send a heartbeat after the
 * machine resumes.
 */
export function silenceOf({ heard, overdue }: Session, now: number): "none" | "overdue" | "silent" {
  if (heard === undefined || now - heard <= BEAT_MS + SLACK_MS) return "none";
  if (overdue === undefined) return "overdue";
  return now - heard > MISSED_BEATS * BEAT_MS + SLACK_MS && now - overdue >= BEAT_MS ? "silent" : "none";
}
