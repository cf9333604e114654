import { OPEN_PARTITION, type Row } from "../../protocol/rows.ts";
import type { Cluster } from "../cluster.ts";
import { placePending } from "./place-pending.ts";
import { reconcileJob } from "./reconcile-job.ts";

/** Looks at one job that ticks of waiting clients cause in one process: a look reads every page of buckets that are not complete. */
const LOOK_EVERY_MS = 3000;

/** How much longer than a look the pause after it is at least. */
const LOOK_PAUSES = 5;

/** Jobs that are looked at at a time. */
const JOBS_AT_ONCE = 8;

/** When to look again for what is missing: soon, as most claims are followed by their lease at once; when it is known to be lost; and for what was too much at once. */
const LOOK_AGAIN_MS = [500, 4000, 500] as const;

/** Pause after which a client that waits is to ask again when something is missing. */
const ASK_AGAIN_MS = 4500;

/** What a look at all open jobs has found. */
interface Looked {
  /** How many are open still. */
  open: number;
  /** Jobs of which something is missing. */
  missing: Set<string>;
}

/**
 * Makes every open job whole again. One that fails keeps no other from it.
 *
 * @param isAlone claims that no other scheduler is at work
 * @param only jobs to look at; default: all
 */
export async function reconcileOpen(
  cluster: Cluster,
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
 * The same for a pass that comes once a minute: it waits until it knows whether what is missing is lost.
 *
 * @returns how many jobs are open still
 */
export async function reconcileForSweep(cluster: Cluster): Promise<number> {
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
 * The same for a client that waits, unless this process has done so lately.
 *
 * @returns after which pause the client is to ask again, in milliseconds, if something is missing
 */
export async function reconcileForWaiter(cluster: Cluster): Promise<number | undefined> {
  const now = cluster.now();
  if (now - cluster.reconciled < LOOK_EVERY_MS) return undefined;
  cluster.reconciled = now;
  const { missing } = await reconcileOpen(cluster);
  if (missing.size > 0) return ASK_AGAIN_MS;
  // Where there are many jobs, looks are not to be most of what a scheduler does.
  cluster.reconciled = now + Math.max(0, LOOK_PAUSES * (cluster.now() - now) - LOOK_EVERY_MS);
  return undefined;
}
