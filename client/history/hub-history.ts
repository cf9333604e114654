import { taskId } from "../../lambdas/protocol/task-id.ts";
import type { Clock } from "../cluster/clock.ts";
import type { CloudPort } from "../cluster/cloud-port.ts";
import type { Submitter } from "../submit/submitter.ts";
import { jobsBetween } from "./job-days.ts";

/** Number of days that a search goes back by default. A cluster keeps results for 30 days by default. */
export const SEARCH_DAYS = 31;
const DAY_MS = 86_400_000;

/** The parts of a client that list jobs by the time of their submission. */
export interface Listing {
  clock: Clock;
  cloud: CloudPort;
  submitter: Submitter;
}

/**
 * Options of `hubHistory`: which submissions to list.
 *
 * @example
 * await client.hubHistory({ since: new Date("2026-01-01"), label: "nightly" });
 */
export interface HistoryRange {
  /** Earliest submission. Default: 31 days ago. */
  since?: Date | undefined;
  /** Latest submission. Default: now. */
  until?: Date | undefined;
  /** Only jobs with this label. Default: all. */
  label?: string | undefined;
}

/** Ids of the tasks that any client submitted in a period, in the order of submission. */
export async function hubHistory(
  { clock, cloud, submitter }: Listing,
  { since, until, label }: HistoryRange,
): Promise<string[]> {
  await submitter.settled();
  const now = clock.now();
  const from = since?.getTime() ?? now - SEARCH_DAYS * DAY_MS;
  const jobs = await jobsBetween(cloud, from, until?.getTime() ?? now + DAY_MS);
  const wanted = label === undefined ? jobs : jobs.filter((job) => job.label === label);
  return wanted.flatMap(({ job, tasks }) => Array.from({ length: tasks }, (_, index) => taskId(job, index)));
}
