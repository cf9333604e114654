import { createHash } from "node:crypto";
import type { Code } from "aws-cdk-lib/aws-lambda";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import { bundleLambda } from "./bundle-lambda.ts";
import { ClusterFunction, type ClusterFunctionProps } from "./cluster-function.ts";
import { checkEnvironmentSize } from "./environment-size.ts";
import type { StackSettings } from "./fantail-props.ts";
import { machineOf } from "./install-modules.ts";

type Pool = StackSettings["engines"][number];

/** A pool as it was asked for, and what runs its engines. */
export interface StackPool {
  pool: Pool;
  engine: ClusterFunction;
}

const ENGINE_FILES = {
  "index.mjs": "lambdas/engine/handler",
  "worker.mjs": "lambdas/engine/worker",
  "view.cjs": "client/views/nested-view",
};

/** What the pools of a cluster have in common. */
export interface SharedByPools extends Pick<ClusterFunctionProps, "environment" | "logs"> {
  /** Text of the module with the deployed functions. */
  functions: string | undefined;
  blobBucket: Bucket;
}

/** The engine, with functions and packages beside it: in the function's own code, as a layer's would be found by `require` alone. */
function engineCode(functions: string | undefined, { modules = [], architecture }: Pool): Code {
  return bundleLambda({
    files: ENGINE_FILES,
    texts: functions === undefined ? undefined : { "functions.mjs": functions },
    modules: modules.length > 0 ? { names: modules, machine: machineOf(architecture) } : undefined,
  });
}

/** The functions of a pool. */
export function enginePool(
  scope: Construct,
  pool: Pool,
  { functions, blobBucket, ...shared }: SharedByPools,
): ClusterFunction {
  const environment = {
    ...pool.environment,
    ...shared.environment,
    FANTAIL_BLOB_BUCKET: blobBucket.bucketName,
    FANTAIL_POOL: pool.name,
  };
  checkEnvironmentSize(environment, `engines ${pool.name}: environment`);
  return new ClusterFunction(scope, `Engine-${pool.name}`, {
    ...shared,
    copies: pool.burst,
    description: `Runs the tasks of the ${pool.count} engines of pool ${pool.name}`,
    code: engineCode(functions, pool),
    handler: "index.engine",
    memoryMb: pool.memoryMb,
    timeoutSeconds: pool.timeoutSeconds,
    architecture: pool.architecture,
    environment,
    reservedConcurrency: pool.reservedConcurrency,
    layers: pool.layers,
    network: pool,
  });
}

/** What clients and scheduler are told of a pool. */
export function toldOf({ name, count, memoryMb, timeoutSeconds }: Pool) {
  return { name, count, memoryMb, timeoutSeconds };
}

/** Changes with what a pool's engines are made of, and with nothing else: what tasks may find there depends on it. */
export function poolRevision({
  name,
  memoryMb,
  timeoutSeconds,
  architecture,
  environment,
  modules,
  layers,
}: Pool): string {
  const made = { name, memoryMb, timeoutSeconds, architecture, environment, modules, layers };
  return createHash("sha256").update(JSON.stringify(made)).digest("hex").slice(0, 12);
}
