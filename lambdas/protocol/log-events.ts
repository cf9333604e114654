import type { IndexRange } from "./index-ranges.ts";

/** Levels of log lines, from the least to the most severe. */
export const LOG_LEVELS = ["info", "warn", "error"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** The lowest levels that a cluster can be set to log. */
export const MIN_LOG_LEVELS = ["warn", "info"] as const satisfies readonly LogLevel[];
export type MinLogLevel = (typeof MIN_LOG_LEVELS)[number];

/** The events that functions log, each with its level and what has happened. */
export const LOG_EVENTS = {
  submitted: ["info", "the scheduler has stored a job"],
  "session-started": ["info", "an engine was invoked"],
  reported: ["info", "an engine reports how tasks of a lease ended, with up to five errors"],
  "worker-died": ["warn", "the thread that runs tasks has ended: killed at a time limit, out of memory, or by a task"],
  "session-refused": ["warn", "an engine's session was ended because its work now belongs to another"],
  "session-revoked": ["warn", "an engine was given up, and its tasks go to others"],
  "requeued-lost": ["warn", "tasks that no engine and no queue had are queued again"],
  "place-gave-up": [
    "warn",
    "a pass stopped placing work because others kept changing the engines; the next pass goes on",
  ],
  "sweeps-not-enabled": ["warn", "EventBridge did not enable the one-minute rule; the next pass tries again"],
  "sweeps-not-disabled": ["warn", "EventBridge did not disable the one-minute rule; the next sweep tries again"],
  "start-failed": ["error", "an engine's function could not be invoked"],
  "answer-unreadable": ["error", "an engine's response could not be read"],
  "row-unreadable": ["error", "a row is damaged or was written by a newer version"],
  "claim-failed": ["error", "tasks could not be taken from the queue"],
  "settle-failed": ["error", "tasks that wait for ended tasks could not be decided"],
  "due-failed": ["error", "a delayed retry or a deadline could not be handled"],
  "reconcile-failed": ["error", "an open job could not be checked for lost tasks"],
  "part-failed": ["error", "a part of a sweep or tick failed; the other parts went on"],
} as const satisfies Record<string, readonly [LogLevel, string]>;
export type LogEvent = keyof typeof LOG_EVENTS;

/** The fields of a log line. A field that is used in searches has the same name and form in every event. */
export interface LogFields {
  job?: string | undefined;
  /** For an event that concerns several jobs. */
  jobs?: readonly string[];
  /** The task's id. */
  task?: string | undefined;
  /** For an event that concerns several tasks of `job`. */
  tasks?: readonly IndexRange[];
  /** The number of the lease in its engine's session, from 1. */
  lease?: number;
  engine?: number;
  session?: string;
  [other: string]: unknown;
}

/** Writes an event to the log. A function for the fields is called only if the line is written. */
export type WriteLog = (event: LogEvent, fields: LogFields | (() => LogFields)) => void;
