import { isNamedFunction, namedValueRow } from "../../protocol/named-value.ts";
import { codeKey, namedValueKey } from "../../protocol/rows.ts";
import type { PushMessage } from "../../protocol/scheduler-messages.ts";
import type { Cluster } from "../cluster.ts";
import { checkCode } from "./check-code.ts";

/**
 * Gives values names on engines. The rows are the cluster's, not an engine process's: they outlive any
 * environment, and every task that starts later sees them. Of two that push at once the later write stands.
 *
 * @throws CodeShippingOff, UnknownFunction before anything is written
 */
export async function push(cluster: Cluster, { units, values }: PushMessage): Promise<void> {
  checkCode(
    cluster,
    units,
    values.flatMap(({ value }) => (isNamedFunction(value) ? [value.fn] : [])),
  );
  // Of one name on one engine the last stands, and the store takes each key once.
  const rows = new Map(units.map(({ hash, body }) => [hash, { ...codeKey(hash), body }]));
  for (const { name, engines, value } of values)
    for (const engine of engines) {
      const key = namedValueKey(name, engine);
      rows.set(`${key.pk} ${key.sk}`, { ...key, body: namedValueRow.encode(value) });
    }
  for (const { hash, body } of units) cluster.units.set(hash, body);
  await cluster.store.write([...rows.values()]);
}
