import type { Bucket } from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import { machineOf } from "../client/local/code/install-modules.ts";
import { engineBundle } from "../client/local/code/write-bundle.ts";
import { poolDescription } from "../client/local/stack/pool-facts.ts";
import { bundleLambda } from "./bundle-lambda.ts";
import { checkTokens } from "./check-tokens.ts";
import { ClusterFunction, type ClusterFunctionProps } from "./cluster-function.ts";
import type { StackSettings } from "./fantail-props.ts";

type Pool = StackSettings["engines"][number];

/** A pool from the props, and its functions. */
export interface StackPool {
  pool: Pool;
  engine: ClusterFunction;
}

/** Settings shared by all pools of a cluster. */
export interface SharedByPools extends Pick<ClusterFunctionProps, "environment" | "logs"> {
  /** Source text of the module with the deployed functions. */
  functions: string | undefined;
  blobBucket: Bucket;
}

/** Makes the functions of a pool. */
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
  checkTokens(environment, `engines ${pool.name}: environment`);
  return new ClusterFunction(scope, `Engine-${pool.name}`, {
    ...shared,
    copies: pool.burst,
    description: poolDescription(pool),
    code: bundleLambda(engineBundle(functions, pool.modules, machineOf(pool.architecture))),
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
