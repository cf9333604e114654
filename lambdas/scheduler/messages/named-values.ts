import type { FunctionReference } from "../../protocol/function-reference.ts";
import { isNamedFunction, type NamedValue } from "../../protocol/named-value.ts";
import type { GrantedNames } from "../../protocol/report-messages.ts";
import { codeKey, namedValueKey } from "../../protocol/rows.ts";
import type { PullMessage, PushMessage } from "../../protocol/scheduler-messages.ts";
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
      rows.set(`${key.pk} ${key.sk}`, { ...key, body: JSON.stringify(value) });
    }
  for (const { hash, body } of units) cluster.units.set(hash, body);
  await cluster.store.write([...rows.values()]);
}

/** The values that names have on engines, name by name; null where nothing was pushed. */
export async function pull(cluster: Cluster, { names, engines }: PullMessage): Promise<(NamedValue | null)[][]> {
  const keys = names.flatMap((name) => engines.map((engine) => namedValueKey(name, engine)));
  const rows = await cluster.store.read(keys);
  return names.map((_, at) =>
    engines.map((_, engine) => {
      const row = rows[at * engines.length + engine];
      return row ? (JSON.parse(row.body) as NamedValue) : null;
    }),
  );
}

/**
 * What the names that a job's tasks refer to stand for on one engine. Read at each lease, so that a job sees whatever
 * was pushed before it was submitted.
 *
 * @param functions takes those functions that are among the values
 */
export async function grantedNames(
  cluster: Cluster,
  names: string[],
  engine: number,
  functions: FunctionReference[],
): Promise<GrantedNames> {
  const values = await pull(cluster, { type: "pull", names, engines: [engine] });
  const granted: GrantedNames = [];
  for (const [at, name] of names.entries()) {
    const value = values[at]?.[0];
    if (!value) continue;
    granted.push([name, isNamedFunction(value) ? { fn: functions.push(value.fn) - 1 } : value]);
  }
  return granted;
}
