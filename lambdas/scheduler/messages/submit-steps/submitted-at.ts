import type { JobHeader } from "../../../protocol/job-header.ts";

/**
 * Maximum difference between the clocks of client and scheduler, in milliseconds. If the difference is larger,
 * deadlines count from the scheduler's time.
 */
const CLOCK_SLACK_MS = 5000;

/** When the job was submitted, epoch milliseconds: by the client's clock, unless that clock is wrong. */
export function submittedAt(header: JobHeader, now: number): number {
  return Math.abs(header.submitted - now) > CLOCK_SLACK_MS ? now : header.submitted;
}
