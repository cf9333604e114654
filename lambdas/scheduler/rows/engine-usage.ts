import type { Engine } from "../../core/engine.ts";
import type { ReportMessage } from "../../protocol/report-messages.ts";
import { noUsage, type Usage } from "../../protocol/usage.ts";
import type { Configured } from "../ports/cluster-config.ts";
import { poolOf } from "./engine-rows.ts";

/** An engine's usage since its last report. Its run time is multiplied by the memory of its pool. */
export function engineUsage(cluster: Configured, engine: Engine, { used }: Pick<ReportMessage, "used">): Usage {
  const usage = noUsage();
  if (!used) return usage;
  const [ms, puts, gets] = used;
  const pool = poolOf(cluster, engine);
  const gbMs = (ms * (pool?.memoryMb ?? 0)) / 1024;
  return { ...usage, puts, gets, [pool?.architecture === "x86_64" ? "x86GbMs" : "armGbMs"]: gbMs };
}
