import { engineLoad } from "../../core/engine.ts";
import { type EngineAnswer, refused } from "../../protocol/engine-answer.ts";
import type { BeginMessage } from "../../protocol/report-messages.ts";
import { grantFor } from "../placing/grant.ts";
import type { GrantContext } from "../placing/placing-context.ts";
import type { Clock } from "../ports/scheduler-ports.ts";
import { boundSession } from "../rows/bound-session.ts";
import { readEngine, swapEngine } from "../rows/engine-rows.ts";
import { jobHeader } from "../rows/job-row.ts";
import type { EngineAccess } from "../rows/row-access.ts";

/**
 * Begins a session by binding the invocation's nonce to it. If Lambda delivers an event twice, the second invocation is
 * refused before it runs any user code.
 */
export async function begin(
  cluster: EngineAccess & GrantContext & Clock,
  message: BeginMessage,
): Promise<EngineAnswer> {
  for (;;) {
    const engine = await readEngine(cluster, message.engine);
    const session = engine?.session;
    if (!engine || session?.id !== message.session || session.over !== undefined) return refused("the session is over");
    if (session.nonce !== undefined && session.nonce !== message.nonce)
      return refused("another invocation has begun the session");
    if (engineLoad(engine) === 0) return refused("the session holds no tasks");
    let begun = engine;
    if (session.nonce === undefined) {
      const [swapped] = await Promise.all([
        swapEngine(cluster, engine, {
          session: boundSession(cluster, engine, session, message.nonce),
          resting: undefined,
        }),
        // The report will need the job's header: read it during the write.
        engine.leases[0] && jobHeader(cluster, engine.leases[0].job),
      ]);
      if (!swapped) continue;
      begun = swapped;
    }
    const lease = begun.leases[0];
    if (!lease) return refused("the session holds no tasks");
    if (message.granted && session.seq === 1) return { type: "began" };
    const { seq } = session;
    return { type: "began", grant: await grantFor(cluster, { engine: engine.id, lease, seq }, message.have) };
  }
}
