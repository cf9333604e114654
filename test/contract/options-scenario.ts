import { RemovalPolicy } from "aws-cdk-lib";
import { RetentionDays } from "aws-cdk-lib/aws-logs";
import { expect, test } from "vitest";
import type { FantailProps } from "../../cdk/index.ts";
import { Client } from "../../client/index.ts";
import { deploy } from "./cdk-cli.ts";
import type { ContractCluster } from "./contract-cluster.ts";
import { EMULATOR } from "./endpoint-target.ts";

/** All options that JSON can express and that need no other resources. */
const OPTIONS: FantailProps = {
  engines: [{ name: "wide", count: 2, burst: 2, reservedConcurrency: 4, environment: { LEVEL: "3" } }],
  scheme: "lru",
  hwm: 1,
  monitoring: true,
  reservedConcurrency: { scheduler: 5, report: 5 },
  blobExpiryDays: 7,
  retentionDays: 3,
  logRetention: RetentionDays.ONE_WEEK,
  pointInTimeRecovery: false,
  removalPolicy: RemovalPolicy.DESTROY,
  tags: { team: "research" },
};

/** Deploys a second stack, with every option, at the same endpoint as the contract's cluster. */
export function optionsScenario(cluster: ContractCluster): void {
  test("a stack with alarms, a dashboard, tags, reserved concurrency and two functions a pool is deployed, and runs", {
    timeout: 600_000,
  }, async () => {
    const { endpoint = "", region = "" } = cluster.cloud.address;
    await deploy({ stack: "Options", endpoint, env: EMULATOR.env, props: OPTIONS });
    await using client = await Client.connect({ stack: "Options", endpoint, region });
    const functions = client.directView().apply(() => [process.env.AWS_LAMBDA_FUNCTION_NAME, process.env.LEVEL]);
    const listed = await functions;
    expect(listed.map(([, level]) => level)).toEqual(["3", "3"]);
    expect(new Set(listed.map(([name]) => name)).size).toBe(2);
  });
}
