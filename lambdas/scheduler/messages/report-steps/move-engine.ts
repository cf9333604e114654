import { type Moved, moveOn } from "../../placing/move-on.ts";
import { place } from "../../placing/place.ts";
import type { PlacingContext } from "../../placing/placing-context.ts";
import type { SweepSwitch } from "../../ports/scheduler-ports.ts";
import { followPages } from "../../rows/follow-pages.ts";
import { keepSweeping } from "../../rows/sweep-rule.ts";
import { isDependedOn } from "../../waiting/dependents.ts";
import { settleEnded } from "../../waiting/settle-ended.ts";
import type { FencedReport } from "./fence-report.ts";
import type { SettledReport } from "./settle-report.ts";
import type { VerifiedReport } from "./verify-report.ts";

/**
 * Moves the engine on to its next lease and places the tasks that the report requeued.
 *
 * @returns `undefined` if the session was revoked, or another scheduler has processed the same report
 */
export async function moveEngine(
  cluster: PlacingContext & SweepSwitch,
  { message, engine, shown, lease }: VerifiedReport,
  { received, isEmpty, dependents: { isResolved }, hasReadJob }: FencedReport,
  { ended, requeued, claimed, ahead, running }: SettledReport,
): Promise<Moved | undefined> {
  const [moved] = await Promise.all([
    moveOn(cluster, engine, message, { running, ahead, claimed }),
    // Other jobs that came to depend on this one after its row was last read have not seen this page. The check costs
    // one read, in parallel with the write of the engine's row.
    isResolved || isEmpty || hasReadJob ? undefined : isDependedOn(cluster, lease.job),
  ]);
  if (!isResolved && cluster.memory.jobs.depended.has(lease.job)) {
    const { passed } = await followPages(cluster, shown);
    await settleEnded(cluster, [...passed, ...ended]);
  }
  const ready = requeued.filter(({ due }) => due === undefined || due <= received);
  // A tick or sweep queues delayed retries.
  if (ready.length < requeued.length) await keepSweeping(cluster, true);
  if (ready.length > 0) await place(cluster, [...new Set(ready.map(({ entry }) => entry.queue))]);
  return moved;
}
