import { type NamedValue, namedValueRow } from "../../protocol/named-value.ts";
import { namedValueKey } from "../../protocol/rows.ts";
import type { StoreAccess } from "../ports/scheduler-ports.ts";

/** Reads pushed values: for each name a list with one value per engine, null if nothing was pushed there. */
export async function namedValues(
  cluster: StoreAccess,
  names: readonly string[],
  engines: readonly number[],
): Promise<(NamedValue | null)[][]> {
  const keys = names.flatMap((name) => engines.map((engine) => namedValueKey(name, engine)));
  const rows = await cluster.store.read(keys);
  return names.map((_, at) =>
    engines.map((_, engine) => {
      const row = rows[at * engines.length + engine];
      return row ? namedValueRow.parse(row) : null;
    }),
  );
}
