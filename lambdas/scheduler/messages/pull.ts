import type { NamedValue } from "../../protocol/named-value.ts";
import type { PullMessage } from "../../protocol/scheduler-messages.ts";
import type { StoreAccess } from "../ports/scheduler-ports.ts";
import { namedValues } from "../rows/named-values.ts";

/** Returns pushed values: for each name a list with one value per engine, null if nothing was pushed there. */
export function pull(cluster: StoreAccess, { names, engines }: PullMessage): Promise<(NamedValue | null)[][]> {
  return namedValues(cluster, names, engines);
}
