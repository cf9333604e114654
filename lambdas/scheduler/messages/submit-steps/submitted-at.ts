import type { JobHeader } from "../../../protocol/job-header.ts";

/**
 * Maximum difference between the clocks of client and scheduler, in milliseconds. Beyond it, deadlines do not count
 * from the client's time.
 */
const CLOCK_SLACK_MS = 5000;

/** When the job was submitted, epoch milliseconds: by the client's clock, unless it is wrong. */
export function submittedAt(header: JobHeader, now: number): number {
  return Math.abs(header.submitted - now) > CLOCK_SLACK_MS ? now : header.submitted;
}
