import type { NamedValue } from "../../protocol/named-value.ts";
import type { PullMessage } from "../../protocol/scheduler-messages.ts";
import type { Cluster } from "../cluster.ts";
import { namedValues } from "../rows/named-values.ts";

/** The values that names have on engines, name by name; null where nothing was pushed. */
export function pull(cluster: Cluster, { names, engines }: PullMessage): Promise<(NamedValue | null)[][]> {
  return namedValues(cluster, names, engines);
}
