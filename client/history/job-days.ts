import pLimit from "p-limit";
import { listedJobRow } from "../../lambdas/protocol/listed-job.ts";
import type { BodyRow } from "../../lambdas/protocol/row-body.ts";
import { dayKey } from "../../lambdas/protocol/rows.ts";
import type { CloudPort } from "../cluster/cloud-port.ts";

const DAY_MS = 86_400_000;
/** Number of days listed concurrently. */
const CONCURRENT_DAYS = 8;

/** A job as listed under the day of its submission. */
export interface ListedJob {
  job: string;
  /** When the job was submitted, in epoch milliseconds by the submitting client's clock. */
  submitted: number;
  tasks: number;
  label: string | undefined;
}

/** The jobs submitted from one time to another (inclusive, in epoch milliseconds), in the order of submission. */
export async function jobsBetween(cloud: Pick<CloudPort, "listRows">, from: number, to: number): Promise<ListedJob[]> {
  const limit = pLimit(CONCURRENT_DAYS);
  const days: Promise<ListedJob[]>[] = [];
  for (let day = Math.floor(from / DAY_MS) * DAY_MS; day <= to; day += DAY_MS) {
    const first = new Date(Math.max(from, day)).toISOString();
    const last = new Date(Math.min(to, day + DAY_MS - 1)).toISOString();
    const { pk } = dayKey(first, "");
    days.push(limit(async () => (await cloud.listRows(pk, { from: first, to: `${last}~` })).map(listedJob)));
  }
  return (await Promise.all(days)).flat();
}

/** Reads a row of a day's list. */
export function listedJob(row: BodyRow): ListedJob {
  const { sk } = row;
  const hash = sk.indexOf("#");
  const { tasks, label } = listedJobRow.parse(row);
  return { job: sk.slice(hash + 1), submitted: Date.parse(sk.slice(0, hash)), tasks, label };
}
