import { OPEN_PARTITION, type Row } from "../../protocol/rows.ts";
import type { Pauses } from "../ports/scheduler-ports.ts";
import { placePending } from "./place-pending.ts";
import type { PlacingContext, RecoveryContext } from "./placing-context.ts";
import { reconcileJob } from "./reconcile-job.ts";

/**
 * Minimum interval, in milliseconds, between looks that ticks of waiting clients cause in one process. A look reads
 * every page of incomplete buckets.
 */
const LOOK_EVERY_MS = 3000;

/** Minimum pause after a look, as a multiple of its duration. */
const LOOK_PAUSES = 5;

/** Number of jobs to examine in parallel. */
const JOBS_AT_ONCE = 8;

/**
 * Pauses before a sweep looks again for missing tasks, in milliseconds: a short one, because most leases follow their
 * claim at once; one after which the tasks are considered lost; and one for tasks that exceeded the limits of a recall.
 */
const LOOK_AGAIN_MS = [500, 4000, 500] as const;

/** Pause, in milliseconds, after which a waiting client should send another tick if tasks are missing. */
const ASK_AGAIN_MS = 4500;

/** The result of a look at open jobs. */
interface Looked {
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
): Promise<Looked> {
  const rows = await cluster.store.list(OPEN_PARTITION);
  const looked: Looked = { open: rows.length, missing: new Set() };
  const look = async (row: Row) => {
    try {
      const found = await reconcileJob(cluster, row, { isAlone });
      if (found === "over") looked.open--;
      if (found === "missing") looked.missing.add(row.sk);
    } catch (error) {
      cluster.log("reconcile-failed", { job: row.sk, error: String(error) });
    }
  };
  const asked = rows.filter(({ sk }) => only?.has(sk) ?? true);
  for (let at = 0; at < asked.length; at += JOBS_AT_ONCE)
    await Promise.all(asked.slice(at, at + JOBS_AT_ONCE).map(look));
  return looked;
}

/**
 * Like `reconcileOpen`, for the sweep: waits until it is known whether missing tasks are lost.
 *
 * @returns the number of jobs that are still open
 */
export async function reconcileForSweep(cluster: PlacingContext & Pauses): Promise<number> {
  let { open, missing } = await reconcileOpen(cluster);
  for (const pause of LOOK_AGAIN_MS) {
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
 * @returns milliseconds after which the client should send another tick; `undefined` if no task is missing
 */
export async function reconcileForWaiter(cluster: RecoveryContext): Promise<number | undefined> {
  const now = cluster.now();
  if (now - cluster.jobs.reconciled < LOOK_EVERY_MS) return undefined;
  cluster.jobs.reconciled = now;
  const { missing } = await reconcileOpen(cluster);
  if (missing.size > 0) return ASK_AGAIN_MS;
  // Looks at many jobs must not become most of a scheduler's work.
  cluster.jobs.reconciled = now + Math.max(0, LOOK_PAUSES * (cluster.now() - now) - LOOK_EVERY_MS);
  return undefined;
}
