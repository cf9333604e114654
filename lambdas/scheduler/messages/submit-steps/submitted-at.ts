import type { JobHeader } from "../../../protocol/job-header.ts";

/** A client clock that is off by more than this is not used for deadlines. */
const CLOCK_SLACK_MS = 5000;

/** When the job was submitted, epoch milliseconds: by the client's clock, unless that is off. */
export function submittedAt(header: JobHeader, now: number): number {
  return Math.abs(header.submitted - now) > CLOCK_SLACK_MS ? now : header.submitted;
}
