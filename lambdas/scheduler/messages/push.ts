import { isNamedFunction, namedValueRow } from "../../protocol/named-value.ts";
import { codeKey, namedValueKey } from "../../protocol/rows.ts";
import type { PushMessage } from "../../protocol/scheduler-messages.ts";
import type { GrantContext } from "../placing/placing-context.ts";
import { checkCode } from "./check-code.ts";

/**
 * Stores named values for engines. The rows outlive the engines' environments, and every task that starts later sees
 * them. Of two concurrent pushes, the later write wins.
 *
 * @throws CodeShippingOff, UnknownFunction before anything is written
 */
export async function push(cluster: GrantContext, { units, values }: PushMessage): Promise<void> {
  checkCode(
    cluster,
    units,
    values.flatMap(({ value }) => (isNamedFunction(value) ? [value.fn] : [])),
  );
  // The last value of a name on an engine wins.
  const rows = new Map(units.map(({ hash, body }) => [hash, { ...codeKey(hash), body }]));
  for (const { name, engines, value } of values)
    for (const engine of engines) {
      const key = namedValueKey(name, engine);
      rows.set(`${key.pk} ${key.sk}`, { ...key, body: namedValueRow.encode(value) });
    }
  for (const { hash, body } of units) cluster.memory.jobs.units.set(hash, body);
  await cluster.store.write([...rows.values()]);
}
