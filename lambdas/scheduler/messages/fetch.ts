import { type EngineAnswer, refused } from "../../protocol/engine-answer.ts";
import type { FetchMessage } from "../../protocol/report-messages.ts";
import type { GrantContext } from "../placing/placing-context.ts";
import { readUnits } from "../rows/code-units.ts";
import { readEngine } from "../rows/engine-rows.ts";
import type { EngineReads } from "../rows/row-access.ts";

/** Maximum size of the code in one answer, in characters; below Lambda's 6 MB. */
const FETCH_CHARS = 4_000_000;

/**
 * Returns code units that did not fit a grant; none if code shipping is off. The engine asks again for units that are
 * still missing.
 */
export async function fetchUnits(cluster: GrantContext & EngineReads, message: FetchMessage): Promise<EngineAnswer> {
  const known = cluster.memory.fleet.engines.get(message.engine);
  const fits = known?.session?.id === message.session && known.session.nonce === message.nonce;
  const session = fits ? known.session : (await readEngine(cluster, message.engine))?.session;
  if (session?.id !== message.session || session.nonce !== message.nonce)
    return refused("the session belongs to another invocation");
  return { type: "units", units: await readUnits(cluster, message.units, FETCH_CHARS) };
}
