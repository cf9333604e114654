import { type Moved, moveOn } from "../../placing/move-on.ts";
import { place } from "../../placing/place.ts";
import type { PlacingContext } from "../../placing/placing-context.ts";
import type { SweepSwitch } from "../../ports/scheduler-ports.ts";
import { keepSweeping } from "../../rows/sweep-rule.ts";
import { isDependedOn } from "../../waiting/dependents.ts";
import { settleEnded } from "../../waiting/settle-ended.ts";
import type { FencedReport } from "./fence-report.ts";
import type { SettledReport } from "./settle-report.ts";
import type { VerifiedReport } from "./verify-report.ts";

/**
 * Moves the engine on to its next lease, and places what the report requeued.
 *
 * @returns `undefined` if the session was taken away, or the same report was acted on elsewhere
 */
export async function moveEngine(
  cluster: PlacingContext & SweepSwitch,
  { message, engine, lease }: VerifiedReport,
  { received, isEmpty, ahead, hasReadJob }: FencedReport,
  { ended, isWaitedFor, requeued, claimed, running }: SettledReport,
): Promise<Moved | undefined> {
  const [moved] = await Promise.all([
    moveOn(cluster, engine, message, { running, ahead, claimed }),
    // Tasks that came to depend on the job since it was last read have not seen this page. This costs one read, in
    // parallel with the write of the row.
    isWaitedFor || isEmpty || hasReadJob ? undefined : isDependedOn(cluster, lease.job),
  ]);
  if (!isWaitedFor && cluster.jobs.depended.has(lease.job)) await settleEnded(cluster, ended);
  const ready = requeued.filter(({ due }) => due === undefined || due <= received);
  // The first tick or sweep takes up delayed retries.
  if (ready.length < requeued.length) await keepSweeping(cluster, true);
  if (ready.length > 0) await place(cluster, [...new Set(ready.map(({ entry }) => entry.queue))]);
  return moved;
}
