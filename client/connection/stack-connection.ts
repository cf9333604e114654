import * as v from "valibot";
import { NoCluster } from "../../lambdas/protocol/errors.ts";
import { HighWaterMark } from "../../lambdas/protocol/flags.ts";
import { fieldFault } from "../../lambdas/protocol/setting-fault.ts";
import { OUTPUT_NAMES, outputKey, tenantsOf } from "../../lambdas/protocol/stack-outputs.ts";
import { type Connection, ConnectionSchema } from "./connection.ts";

const Outputs = v.object({
  SchedulerFunction: v.string(),
  TaskTable: v.string(),
  EngineTable: v.string(),
  BlobBucket: v.string(),
  Scheme: v.string(),
  Hwm: v.pipe(
    v.string(),
    v.transform((text) => (text === "adaptive" ? text : Number(text))),
    HighWaterMark,
  ),
  Pools: v.pipe(v.string(), v.parseJson(), ConnectionSchema.entries.pools),
});

/** The part of a connection that a stack's outputs contain: everything but region, endpoints and credentials. */
export type StackConnection = Omit<Connection, "region" | "endpoints" | "credentials">;

/**
 * Reads the connection to a cluster from its stack's outputs.
 *
 * @param tenant the tenant whose cell to use, if the stack has tenants
 * @throws NoCluster if there is no such cell, or the outputs are not those of a fantail cluster
 */
export function stackConnection(outputs: Readonly<Record<string, unknown>>, tenant?: string): StackConnection {
  const tenants = tenantsOf(outputs);
  if (tenants.length > 0 && !tenants.includes(tenant)) {
    const names = tenants.filter((name) => name !== undefined);
    throw new NoCluster(
      tenant === undefined
        ? `it has tenants ${names.join(", ")}: name one, for example tenant: "${names[0]}"`
        : names.length > 0
          ? `it has no tenant ${tenant}; tenants are ${names.join(", ")}`
          : `it has no tenants, so tenant ${tenant} does not exist`,
    );
  }
  const named = OUTPUT_NAMES.map((name) => [name, outputs[outputKey(name, tenant)]]);
  const parsed = v.safeParse(Outputs, Object.fromEntries(named));
  if (!parsed.success)
    throw new NoCluster(`it is not a fantail stack: its output ${fieldFault(Outputs, parsed.issues[0])}`);
  const { SchedulerFunction, TaskTable, EngineTable, BlobBucket, Scheme, Hwm, Pools } = parsed.output;
  return {
    ...(tenant === undefined ? {} : { tenant }),
    scheduler: SchedulerFunction,
    taskTable: TaskTable,
    engineTable: EngineTable,
    blobBucket: BlobBucket,
    pools: Pools,
    scheme: Scheme,
    hwm: Hwm,
  };
}
