import type { NamedValue } from "../../protocol/named-value.ts";
import type { PullMessage } from "../../protocol/scheduler-messages.ts";
import type { StoreAccess } from "../ports/scheduler-ports.ts";
import { namedValues } from "../rows/named-values.ts";

/** Returns the values pushed to engines, a list per name with one value per engine; null where nothing was pushed. */
export function pull(cluster: StoreAccess, { names, engines }: PullMessage): Promise<(NamedValue | null)[][]> {
  return namedValues(cluster, names, engines);
}
