import { CloudFormationClient, DescribeStacksCommand } from "@aws-sdk/client-cloudformation";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { expect, test } from "vitest";
import { deploy } from "./cdk-cli.ts";
import type { ContractCluster } from "./contract-cluster.ts";
import { EMULATOR } from "./endpoint-target.ts";

/** Deploys the example of a user's own app beside the contract's cluster, at the same endpoint. */
export function exampleScenario(cluster: ContractCluster): void {
  test("a user's own app is deployed by the CDK's command, and its function uses the cluster", {
    timeout: 600_000,
  }, async () => {
    const { endpoint = "", region = "" } = cluster.cloud.address;
    await deploy({ stack: "Sums", endpoint, env: EMULATOR.env, app: "examples/cdk-app" });
    const name = await output({ region, endpoint }, "Sums", "SumFunction");
    const lambda = new LambdaClient({ region, endpoint, maxAttempts: 1 });
    try {
      const Payload = JSON.stringify({ numbers: [1, 2, 3, 4] });
      const answer = await lambda.send(new InvokeCommand({ FunctionName: name, Payload }));
      const text = answer.Payload?.transformToString() ?? "";
      expect(answer.FunctionError, text).toBeUndefined();
      expect(JSON.parse(text)).toMatchObject({ sum: 30 });
    } finally {
      lambda.destroy();
    }
  });
}

async function output(at: { region: string; endpoint: string }, stack: string, key: string): Promise<string> {
  const cloudFormation = new CloudFormationClient(at);
  try {
    const { Stacks: [found] = [] } = await cloudFormation.send(new DescribeStacksCommand({ StackName: stack }));
    const value = found?.Outputs?.find(({ OutputKey }) => OutputKey === key)?.OutputValue;
    if (value === undefined) throw new Error(`stack ${stack} has no output ${key}`);
    return value;
  } finally {
    cloudFormation.destroy();
  }
}
