import { OPEN_PARTITION, type Row } from "../../protocol/rows.ts";
import type { Pauses } from "../ports/scheduler-ports.ts";
import { placePending } from "./place-pending.ts";
import type { PlacingContext, RecoveryContext } from "./placing-context.ts";
import { reconcileJob } from "./reconcile-job.ts";

/**
 * Least interval between looks that ticks of waiting clients cause in one process: a look reads every page of
 * incomplete buckets.
 */
const LOOK_EVERY_MS = 3000;

/** The pause after a look is at least this many times as long as the look. */
const LOOK_PAUSES = 5;

/** Jobs examined at once. */
const JOBS_AT_ONCE = 8;

/**
 * Pauses before a sweep looks again for missing tasks: a short one, as most claims are followed by their lease at once;
 * one after which they are known to be lost; and one for what was too much for one recall.
 */
const LOOK_AGAIN_MS = [500, 4000, 500] as const;

/** Pause after which a waiting client should ask again if something is missing. */
const ASK_AGAIN_MS = 4500;

/** The result of a look at open jobs. */
interface Looked {
  /** How many are still open. */
  open: number;
  /** Jobs with missing tasks. */
  missing: Set<string>;
}

/**
 * Repairs every open job. A failure at one job is logged and does not stop the others.
 *
 * @param isAlone whether no other scheduler is at work
 * @param only ids of the jobs to look at; default: all
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
 * @returns how many jobs are still open
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
 * Like `reconcileOpen`, for a waiting client; does nothing if this process has done so lately.
 *
 * @returns after how many milliseconds the client should ask again, if something is missing
 */
export async function reconcileForWaiter(cluster: RecoveryContext): Promise<number | undefined> {
  const now = cluster.now();
  if (now - cluster.jobs.reconciled < LOOK_EVERY_MS) return undefined;
  cluster.jobs.reconciled = now;
  const { missing } = await reconcileOpen(cluster);
  if (missing.size > 0) return ASK_AGAIN_MS;
  // With many jobs, looks must not become most of a scheduler's work.
  cluster.jobs.reconciled = now + Math.max(0, LOOK_PAUSES * (cluster.now() - now) - LOOK_EVERY_MS);
  return undefined;
}
