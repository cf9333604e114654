import { Stack } from "aws-cdk-lib";
import type { Table } from "aws-cdk-lib/aws-dynamodb";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import { schedulerBundle } from "../client/local/code/write-bundle.ts";
import { FEWER_POOLS, LONGEST_NAME } from "../client/local/stack/environment-size.ts";
import { statedInside } from "../client/local/stack/pool-facts.ts";
import { ONE_VCPU_MB, schemeName } from "../lambdas/protocol/cluster-settings.ts";
import { bundleLambda } from "./bundle-lambda.ts";
import { checkTokens } from "./check-tokens.ts";
import { ClusterFunction, type ClusterFunctionProps } from "./cluster-function.ts";
import type { StackPool } from "./engine-pool.ts";
import type { StackSettings } from "./fantail-props.ts";

/**
 * Maximum duration of an invocation of the scheduler's functions, in seconds. Most invocations take milliseconds; the
 * rest is room for a sweep over many open jobs.
 */
const SCHEDULER_SECONDS = 60;

/** The parts of the cluster that the scheduler's functions need to know. */
export interface EndpointParts extends Pick<ClusterFunctionProps, "environment" | "logs"> {
  settings: StackSettings;
  pools: readonly StackPool[];
  taskTable: Table;
  engineTable: Table;
  /** Names of the deployed functions; undefined if there are none. */
  functionNames: readonly string[] | undefined;
  sweepRule: string;
}

/**
 * Makes the two functions of the scheduler from one asset: `scheduler` for clients and the sweep's rule, `report` for
 * engines, which may call no other.
 */
export function schedulerEndpoints(
  cluster: Construct,
  { settings, pools, logs, ...parts }: EndpointParts,
): { scheduler: ClusterFunction; report: ClusterFunction } {
  const { scheme, hwm, reservedConcurrency } = settings;
  const poolsInside = (nameOf: (engine: LambdaFunction) => string) =>
    pools.map(({ pool, engine }) => statedInside(pool, engine.functions.map(nameOf)));
  const environment = {
    FANTAIL_TASK_TABLE: parts.taskTable.tableName,
    FANTAIL_ENGINE_TABLE: parts.engineTable.tableName,
    FANTAIL_SCHEME: schemeName(scheme),
    FANTAIL_HWM: String(hwm),
    ...parts.environment,
    FANTAIL_RETENTION_DAYS: String(settings.retentionDays),
    FANTAIL_SWEEP_RULE: parts.sweepRule,
    FANTAIL_PASS_SECONDS: String(SCHEDULER_SECONDS),
    FANTAIL_POOLS: Stack.of(cluster).toJsonString(poolsInside(({ functionName }) => functionName)),
  };
  checkTokens(
    { ...environment, FANTAIL_POOLS: JSON.stringify(poolsInside(() => LONGEST_NAME)) },
    "engines: the list of pools",
    FEWER_POOLS,
  );
  // Use the memory that gives a whole vCPU: an invocation is mostly CPU work in the AWS SDK, so with less memory it
  // would take longer and cost the same.
  const brain = {
    code: bundleLambda(schedulerBundle(typeof scheme === "string" ? undefined : scheme, parts.functionNames)),
    memoryMb: ONE_VCPU_MB,
    timeoutSeconds: SCHEDULER_SECONDS,
    architecture: "arm64" as const,
    logs,
  };
  const report = new ClusterFunction(cluster, "Report", {
    ...brain,
    description: "Receives reports from engines and gives them their next tasks",
    handler: "index.report",
    reservedConcurrency: reservedConcurrency.report,
    environment,
  });
  const scheduler = new ClusterFunction(cluster, "Scheduler", {
    ...brain,
    description: "Receives tasks from clients and places them on engines",
    handler: "index.scheduler",
    reservedConcurrency: reservedConcurrency.scheduler,
    environment: { ...environment, FANTAIL_REPORT_FUNCTION: report.function.functionName },
  });
  return { scheduler, report };
}
