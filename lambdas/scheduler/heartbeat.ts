import type { EngineAnswer, HeartbeatMessage } from "../protocol/report-messages.ts";
import { refused } from "./begin.ts";
import type { Cluster } from "./cluster.ts";
import { readEngine } from "./engine-rows.ts";

/** Tells a long-running engine that its lease still stands, and which of its tasks to stop. Reads only. */
export async function heartbeat(cluster: Cluster, message: HeartbeatMessage): Promise<EngineAnswer> {
  const engine = await readEngine(cluster, message.engine);
  const session = engine?.session;
  const isYours = session?.id === message.session && session.nonce === message.nonce && session.seq === message.seq;
  if (!isYours || session.over !== undefined) return refused("the lease is not yours, or no longer");
  const job = engine?.leases[0]?.job;
  const ranges = engine?.aborting.filter((one) => one.job === job).flatMap((one) => one.ranges) ?? [];
  return { type: "alive", aborting: ranges.map(([from, to]) => [from, to]) };
}
