import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { DescribeRuleCommand, EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { GetFunctionConfigurationCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { expect, test } from "vitest";
import { Client } from "../../client/index.ts";
import type { ContractCluster } from "./contract-cluster.ts";

const CLI = fileURLToPath(new URL("../../dist/client/local/cli.js", import.meta.url));
const STACK = "FantailByCommand";

interface Deployed {
  scheduler: string;
  engines: number;
  connect: { stack: string; region: string; endpoint: string };
}

/** A cluster of its own by the built `fantail deploy`, with nothing but the CDK's own command behind it, and away again. */
export function deployScenario(cluster: ContractCluster): void {
  test("fantail deploy, a map, the rule of sweeps, fantail destroy", { timeout: 600_000 }, async () => {
    const { endpoint = "", region = "us-east-1" } = cluster.cloud.address;
    const place = ["--stack", STACK, "--endpoint", endpoint, "--region", region, "-o", "json", "--yes"];
    const deployed = await fantail("deploy", "--bootstrap", "-n", "1", "--removal", "destroy", ...place);
    expect(deployed.code, deployed.stderr).toBe(0);
    const { scheduler, connect, engines } = JSON.parse(deployed.stdout) as Deployed;
    expect({ engines, connect }).toEqual({ engines: 1, connect: { stack: STACK, region, endpoint } });

    const state = await ruleState({ endpoint, region, scheduler });
    expect(await state()).toBe("DISABLED");
    const client = await Client.connect(connect);
    expect(await client.loadBalancedView().map((x: number) => x * x, [1, 2, 3])).toEqual([1, 4, 9]);
    await client.close();
    expect(await state()).toBe("ENABLED");

    const destroyed = await fantail("destroy", ...place);
    expect(destroyed.code, destroyed.stderr).toBe(0);
    expect(JSON.parse(destroyed.stdout)).toEqual({ stack: STACK, region, destroyed: true });
    expect(await fantail("destroy", ...place)).toMatchObject({ code: 12 });
  });
}

async function ruleState(place: { endpoint: string; region: string; scheduler: string }) {
  const { scheduler: FunctionName, ...where } = place;
  const lambda = new LambdaClient(where);
  const { Environment } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
  const events = new EventBridgeClient(where);
  const Name = Environment?.Variables?.FANTAIL_SWEEP_RULE ?? "";
  return async () => (await events.send(new DescribeRuleCommand({ Name }))).State;
}

function fantail(...words: string[]): Promise<{ code: unknown; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [CLI, ...words], (error, stdout, stderr) =>
      resolve({ code: error ? error.code : 0, stdout, stderr }),
    );
  });
}
