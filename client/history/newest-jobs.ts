import { dayKey } from "../../lambdas/protocol/rows.ts";
import type { CloudPort } from "../cluster/cloud-port.ts";
import { SEARCH_DAYS } from "./hub-history.ts";
import { type ListedJob, listedJob } from "./job-days.ts";

const DAY_MS = 86_400_000;
/** Number of further days that are listed at once while too few jobs have been found. */
const MORE_DAYS = 8;

/**
 * The newest jobs of all clients, newest first, of those submitted in the last `SEARCH_DAYS` days.
 *
 * Begins with today, and with tomorrow because the clock of a client may be ahead. Earlier days are read only if there
 * are too few jobs. Each call reads at most `count` rows.
 */
export async function newestJobs(cloud: Pick<CloudPort, "listRows">, now: number, count: number): Promise<ListedJob[]> {
  const found: ListedJob[] = [];
  const earliest = now - SEARCH_DAYS * DAY_MS;
  for (let latest = now + DAY_MS, days = 2; latest > earliest && found.length < count; days = MORE_DAYS) {
    const some = Array.from({ length: days }, (_, at) => latest - at * DAY_MS).filter((time) => time > earliest);
    const listed = await Promise.all(some.map((time) => newestOfDay(cloud, time, count)));
    found.push(...listed.flat());
    latest -= days * DAY_MS;
  }
  return found.slice(0, count);
}

async function newestOfDay(cloud: Pick<CloudPort, "listRows">, time: number, count: number): Promise<ListedJob[]> {
  const { pk } = dayKey(new Date(time).toISOString(), "");
  // All sort keys of a day begin with a digit, so they are between "0" and ":", the character after "9".
  const rows = await cloud.listRows(pk, { from: "0", to: ":" }, count, true);
  return rows.map(listedJob);
}
