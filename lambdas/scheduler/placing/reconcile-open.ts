import pLimit from "p-limit";
import { jobKey, OPEN_PARTITION, type Row, scanKey } from "../../protocol/rows.ts";
import type { Log, Pauses, StoreAccess } from "../ports/scheduler-ports.ts";
import { type LiveWork, listLiveWork } from "./live-work.ts";
import { placePending } from "./place-pending.ts";
import type { PlacingContext, RecoveryContext } from "./placing-context.ts";
import { type Reconciled, reconcileJob } from "./reconcile-job.ts";

/**
 * Minimum interval, in milliseconds, between reconciliations for waiting clients in one process. Each reads every page
 * of incomplete buckets.
 */
const RECONCILE_EVERY_MS = 3000;

/** Minimum pause after a reconciliation for a waiting client, as a multiple of its duration. */
const PAUSE_FACTOR = 5;

/**
 * Number of jobs whose scans share one listing of leases and queues, and how many of them are scanned in parallel. With
 * a listing for every few jobs, the time would grow with the square of the number of jobs.
 */
const JOBS_LISTED = 5000;
const JOBS_AT_ONCE = 16;

/**
 * Pauses before a sweep scans jobs with missing tasks again, in milliseconds: a short one, because most leases follow
 * their claim at once; one after which the tasks are considered lost; and one for tasks that exceeded the limits of a
 * recall.
 */
const SCAN_AGAIN_MS = [500, 4000, 500] as const;

/** Pause, in milliseconds, after which a waiting client should send another tick if tasks are missing. */
const ASK_AGAIN_MS = 4500;

/** The result of a reconciliation of open jobs. */
interface Reconciliation {
  /** Number of jobs that are still open. */
  open: number;
  /** Jobs with missing tasks. */
  missing: Set<string>;
}

/**
 * Repairs every open job. The failure of one job is logged and does not stop the others.
 *
 * @param isAlone whether no other scheduler is running
 * @param only ids of the jobs to examine; default: all
 */
export async function reconcileOpen(
  cluster: RecoveryContext,
  { isAlone = false, only }: { isAlone?: boolean; only?: ReadonlySet<string> } = {},
): Promise<Reconciliation> {
  const rows = await cluster.store.list(OPEN_PARTITION);
  const result: Reconciliation = { open: rows.length, missing: new Set() };
  const asked = rows.filter(({ sk }) => only?.has(sk) ?? true);
  for (let at = 0; at < asked.length; at += JOBS_LISTED) {
    const some = asked.slice(at, at + JOBS_LISTED);
    const found = await reconcileSome(cluster, some, isAlone);
    const over = some.filter((_, one) => found[one] === "over");
    await removeOver(cluster, over);
    result.open -= over.length;
    for (const [one, { sk }] of some.entries()) if (found[one] === "missing") result.missing.add(sk);
  }
  return result;
}

/** Removes ended jobs from the list of open jobs. If this fails, the next reconciliation removes them. */
async function removeOver(cluster: StoreAccess & Log, over: readonly Row[]): Promise<void> {
  if (over.length === 0) return;
  try {
    await cluster.store.remove(over);
  } catch (error) {
    cluster.log("reconcile-failed", { jobs: over.map(({ sk }) => sk), error: String(error) });
  }
}

/** Repairs some of the open jobs; `undefined` for a job whose repair failed. */
async function reconcileSome(
  cluster: RecoveryContext,
  open: readonly Row[],
  isAlone: boolean,
): Promise<(Reconciled | undefined)[]> {
  const jobs = open.map(({ sk }) => sk);
  const rows = cluster.store.read([...jobs.map(jobKey), ...jobs.map(scanKey)]);
  const atOnce = pLimit(JOBS_AT_ONCE);
  let listed: Promise<LiveWork> | undefined;
  const live = () => {
    listed ??= listLiveWork(cluster);
    return listed;
  };
  const reconciled = async (job: Row, at: number) => {
    try {
      const [row, scan] = [(await rows)[at], (await rows)[open.length + at]];
      return await reconcileJob(cluster, job, { row, scan, live, isAlone });
    } catch (error) {
      cluster.log("reconcile-failed", { job: job.sk, error: String(error) });
      return undefined;
    }
  };
  return Promise.all(open.map((job, at) => atOnce(() => reconciled(job, at))));
}

/**
 * Like `reconcileOpen`, for the sweep: waits until it is known whether missing tasks are lost.
 *
 * @returns the number of jobs that are still open
 */
export async function reconcileForSweep(cluster: PlacingContext & Pauses): Promise<number> {
  let { open, missing } = await reconcileOpen(cluster);
  for (const pause of SCAN_AGAIN_MS) {
    if (missing.size === 0) break;
    await placePending(cluster);
    await cluster.sleep(pause);
    ({ open, missing } = await reconcileOpen(cluster, { only: missing }));
  }
  return open;
}

/**
 * Like `reconcileOpen`, for a waiting client. Does nothing if this process has done it recently.
 *
 * @returns milliseconds after which the client should send another tick; `undefined` if no task is missing, or nothing
 *   was done
 */
export async function reconcileForWaiter(cluster: RecoveryContext): Promise<number | undefined> {
  const now = cluster.now();
  if (now - cluster.memory.jobs.reconciled < RECONCILE_EVERY_MS) return undefined;
  cluster.memory.jobs.reconciled = now;
  const { missing } = await reconcileOpen(cluster);
  if (missing.size > 0) return ASK_AGAIN_MS;
  // Reconciling many jobs must not become most of a scheduler's work.
  cluster.memory.jobs.reconciled = now + Math.max(0, PAUSE_FACTOR * (cluster.now() - now) - RECONCILE_EVERY_MS);
  return undefined;
}
