import type { Engine } from "../../core/engine.ts";
import type { RestartedMessage } from "../../protocol/scheduler-messages.ts";
import type { PlacingContext, RecoveryContext } from "../placing/placing-context.ts";
import { reconcileOpen } from "../placing/reconcile-open.ts";
import { revokeSession } from "../placing/revoke-session.ts";
import { listEngines, readEngine, swapEngine } from "../rows/engine-rows.ts";
import { SparedFailures } from "../rows/spared-failures.ts";
import { tick } from "./tick.ts";

/**
 * Resumes the work of a local cloud that was stopped or killed. All earlier sessions are dead, and no task is to blame
 * for that. Earlier schedulers are dead too, so tasks that they had claimed but not leased are certainly lost.
 *
 * Work is placed only after all of that, because a started engine reports and claims.
 */
export async function restarted(cluster: PlacingContext, { at }: RestartedMessage): Promise<void> {
  const failures = new SparedFailures(cluster);
  for (const engine of await listEngines(cluster))
    await failures.spare(`engine ${engine.id}`, () => releaseEngine(cluster, engine, at));
  await reconcileOpen(cluster, { isAlone: true });
  await failures.spare("tick", () => tick(cluster));
  failures.end();
}

async function releaseEngine(cluster: RecoveryContext, listed: Engine, at: number): Promise<void> {
  for (let engine: Engine | undefined = listed; engine; engine = await readEngine(cluster, listed.id)) {
    const { session, resting } = engine;
    if (session ? session.invoked >= at : !resting) return;
    const freed = session
      ? await revokeSession(cluster, { ...engine, session }, "its cloud was stopped", "none")
      : await swapEngine(cluster, engine, { resting: undefined });
    if (freed) return;
  }
}
