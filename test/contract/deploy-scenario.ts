import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { DescribeRuleCommand, EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { GetFunctionConfigurationCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { expect, test } from "vitest";
import { Client, CodeShippingOff, deployed } from "../../client/index.ts";
import type { ContractCluster } from "./contract-cluster.ts";

const CLI = fileURLToPath(new URL("../../dist/client/commands/cli.js", import.meta.url));
const STACK = "FantailByCommand";
/** The deployed functions; nothing else may run. */
const FUNCTIONS = fileURLToPath(new URL("../e2e/deployed-module.ts", import.meta.url));

const { area, fibonacci } = deployed<typeof import("../e2e/deployed-module.ts")>();

interface Deployed {
  scheduler: string;
  engines: number;
  connect: { stack: string; region: string; endpoint: string };
}

/** Deploys a separate cluster with the built `fantail deploy` and the CDK's own command, and destroys it. */
export function deployScenario(cluster: ContractCluster): void {
  test("a cluster can be deployed by fantail deploy, used, swept and deleted by fantail destroy", {
    timeout: 600_000,
  }, async () => {
    const { endpoint = "", region = "us-east-1" } = cluster.cloud.address;
    const place = ["--stack", STACK, "--endpoint", endpoint, "--region", region, "-o", "json", "--yes"];
    const code = ["--functions", FUNCTIONS, "--no-code-shipping"];
    const done = await fantail("deploy", "--bootstrap", "-n", "1", "--removal", "destroy", ...code, ...place);
    expect(done.code, done.stderr).toBe(0);
    const { scheduler, connect, engines } = JSON.parse(done.stdout) as Deployed;
    expect({ engines, connect }).toEqual({ engines: 1, connect: { stack: STACK, region, endpoint } });

    const state = await ruleState({ endpoint, region, scheduler });
    expect(await state()).toBe("DISABLED");
    const client = await Client.connect(connect);
    const view = client.loadBalancedView();
    expect(await view.map(area, [1, 2, 3], [1, 2, 3])).toEqual([1, 4, 9]);
    expect(await view.apply(fibonacci, 3)).toBe(2);
    expect(() => view.apply((x: number) => x, 1)).toThrow(CodeShippingOff);
    await client.close();
    expect(await state()).toBe("ENABLED");

    const where = place.filter((word) => word !== "--yes");
    const status = await fantail("status", ...where);
    expect(status.code, status.stderr).toBe(0);
    expect(JSON.parse(status.stdout), status.stderr).toMatchObject({ engines: 1, unassigned: 0, waiting: 0 });
    const logs = await fantail("logs", "--function", "scheduler", ...where);
    expect(logs.code, logs.stderr).toBe(0);
    expect(JSON.parse(logs.stdout), logs.stderr).toMatchObject([{ function: expect.stringContaining("Scheduler") }]);

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
