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

const ENGINE_FILES = {
  "index.mjs": "lambdas/engine/handler",
  "worker.mjs": "lambdas/engine/worker",
  "view.cjs": "client/nested-view",
};

/** The engine as it is, for every pool without packages of its own. */
export function plainEngine(): Code {
  return bundleLambda({ files: ENGINE_FILES });
}

/**
 * The functions of a pool.
 *
 * @param shared what all pools have in common
 */
export function enginePool(
  scope: Construct,
  pool: Pool,
  { code, blobBucket, ...shared }: Pick<ClusterFunctionProps, "code" | "logs"> & { blobBucket: Bucket },
): ClusterFunction {
  const environment = { ...pool.environment, FANTAIL_BLOB_BUCKET: blobBucket.bucketName, FANTAIL_POOL: pool.name };
  checkEnvironmentSize(environment, `engines ${pool.name}: environment`);
  const { modules = [], architecture } = pool;
  return new ClusterFunction(scope, `Engine-${pool.name}`, {
    ...shared,
    copies: pool.burst,
    description: `Runs the tasks of the ${pool.count} engines of pool ${pool.name}`,
    // In the function's own code, as a layer's packages would be found by `require` alone.
    code:
      modules.length === 0
        ? code
        : bundleLambda({ files: ENGINE_FILES, modules: { names: modules, machine: machineOf(architecture) } }),
    handler: "index.engine",
    memoryMb: pool.memoryMb,
    timeoutSeconds: pool.timeoutSeconds,
    architecture,
    environment,
    reservedConcurrency: pool.reservedConcurrency,
    layers: pool.layers,
    network: pool,
  });
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
