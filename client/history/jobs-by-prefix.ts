import { decodeTime } from "ulid";
import type { CloudPort } from "../cluster/cloud-port.ts";
import { SEARCH_DAYS } from "./hub-history.ts";
import { jobsBetween } from "./job-days.ts";

const DAY_MS = 86_400_000;
/** A job's id begins with ten characters for the time at which its client made it, in milliseconds. */
const TIME_CHARS = 10;
/**
 * Minimum length of a prefix that is read as a time: it covers about half a minute at most. The id of a job with an
 * idempotency key contains no time, and is unlikely to begin with such a prefix by chance.
 */
const TIMED_CHARS = 7;
/**
 * Longest expected time, in milliseconds, from making a job's id to submitting the job: its values are uploaded
 * meanwhile.
 */
const SENDING_MS = 60_000;

/**
 * Ids of the jobs of the last `SEARCH_DAYS` days that begin with a prefix, in the order of submission.
 *
 * A prefix of seven characters or more gives the time at which the job was submitted, so the jobs of that minute or two
 * are read first. If none is found there, or the prefix is shorter, the jobs of all days are read.
 */
export async function jobsByPrefix(cloud: Pick<CloudPort, "listRows">, prefix: string, now: number): Promise<string[]> {
  const search = async (from: number, to: number) =>
    (await jobsBetween(cloud, from, to)).map(({ job }) => job).filter((job) => job.startsWith(prefix));
  const [earliest, latest] = [now - SEARCH_DAYS * DAY_MS, now + DAY_MS];
  if (prefix.length >= TIMED_CHARS) {
    const [from, to] = [timeOf(prefix, "0"), timeOf(prefix, "Z") + SENDING_MS];
    const timed = to < earliest || from > latest ? [] : await search(Math.max(from, earliest), Math.min(to, latest));
    if (timed.length > 0) return timed;
  }
  return search(earliest, latest);
}

/** The earliest or latest time of an id with this prefix: the missing characters are filled with `filler`. */
function timeOf(prefix: string, filler: "0" | "Z"): number {
  // A time begins with a digit from 0 to 7.
  const time = prefix.slice(0, TIME_CHARS).padEnd(TIME_CHARS, filler);
  return /^[0-7]/.test(time) ? decodeTime(time.padEnd(26, "0")) : Number.POSITIVE_INFINITY;
}
