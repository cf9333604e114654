import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { droppedCells } from "../../client/commands/dropped-cells.ts";
import { CommandFailure } from "../../client/commands/exit-codes.ts";
import { type OutputName, outputKey, STACK_DESCRIPTION } from "../../lambdas/protocol/stack-outputs.ts";
import { anAwsService, type Reply } from "../engine/an-aws-service.ts";
import { BUILT_CLI, runFantail, spawnFantail } from "./run-fantail.ts";

const LONG_MS = 120_000;

/** Replaces the CDK's command: records its arguments and what it was given to deploy. */
const CDK = `#!/usr/bin/env node
const { appendFileSync, existsSync, readFileSync, readdirSync } = require("node:fs");
const [, , ...words] = process.argv;
const app = words[words.indexOf("--app") + 1];
const [template] = readdirSync(app).filter((name) => name.endsWith(".template.json"));
const { Outputs } = JSON.parse(readFileSync(app + "/" + template, "utf8"));
const { AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_S3, AWS_REGION, CDK_DISABLE_CLI_TELEMETRY } = process.env;
const env = { AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_S3, AWS_REGION, CDK_DISABLE_CLI_TELEMETRY };
const told = { words: words.map((word) => (word === app ? "APP" : word)), template, pools: Outputs.Pools.Value,
  scheme: Outputs.Scheme.Value, cwd: readdirSync(process.cwd()), env,
  isValidated: existsSync(app + "/validation-report.json") };
appendFileSync(process.env.CDK_TOLD, JSON.stringify(told) + "\\n");
console.log("what the CDK says");
`;

/** The environment of all commands. */
const ENVIRONMENT = {
  // Keeps the CDK from validating the template, which takes 5 seconds: `test/cdk/validated-app.slow.ts` has it validate.
  CDK_VALIDATION: "false",
  AWS_ACCESS_KEY_ID: "test",
  AWS_SECRET_ACCESS_KEY: "test",
  AWS_REGION: "eu-west-1",
};

let project: string;
const before = process.cwd();
beforeAll(() => promisify(execFile)(process.execPath, [".scripts/ready.mjs"]), LONG_MS);
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), "fantail-deploy-test-"));
  installCdk("2.1148.1");
  Object.assign(process.env, ENVIRONMENT, { CDK_TOLD: join(project, "told"), FANTAIL_HOME: project });
  // Commands look for the CDK from here.
  process.chdir(project);
});
afterEach(() => {
  process.chdir(before);
  rmSync(project, { recursive: true, force: true });
});

/** Runs a command that synthesizes and starts the CDK. */
const spawned = (words: string[], env: NodeJS.ProcessEnv = {}) =>
  spawnFantail(words, { cli: BUILT_CLI, env: { ...process.env, ...env } });

function installCdk(version: string): void {
  const folder = join(project, "node_modules/aws-cdk");
  mkdirSync(join(folder, "bin"), { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "aws-cdk", version, bin: { cdk: "bin/cdk" } }));
  writeFileSync(join(folder, "bin/cdk"), CDK);
}

interface Call {
  words: string[];
  template: string;
  pools: string;
  scheme: string;
  cwd: string[];
  env: Record<string, string>;
  isValidated: boolean;
}

/** Returns the calls of the CDK's command. */
function calls(): Call[] {
  const file = join(project, "told");
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").trim().split("\n");
  return lines.map((line) => JSON.parse(line) as Call);
}

const OUTPUTS = {
  SchedulerFunction: "scheduler",
  TaskTable: "tasks",
  EngineTable: "engines",
  BlobBucket: "blobs",
  Scheme: "lru",
  Hwm: "1",
  Pools: JSON.stringify([{ name: "default", count: 3, memoryMb: 1769, timeoutSeconds: 900 }]),
};

/** Starts a fake CloudFormation that knows these stacks. */
function cloudFormation(stacks: string[], description = STACK_DESCRIPTION, values: Record<string, string> = OUTPUTS) {
  return anAwsService(({ body }): Reply => {
    const asked = new URLSearchParams(body.toString());
    const name = asked.get("StackName") ?? "";
    if (!stacks.includes(name)) {
      const message = `<Code>ValidationError</Code><Message>Stack with id ${name} does not exist</Message>`;
      return { status: 400, body: `<ErrorResponse><Error><Type>Sender</Type>${message}</Error></ErrorResponse>` };
    }
    if (asked.get("Action") === "GetTemplateSummary") {
      const summary = `<GetTemplateSummaryResult><Description>${description}</Description></GetTemplateSummaryResult>`;
      return { status: 200, body: `<GetTemplateSummaryResponse>${summary}</GetTemplateSummaryResponse>` };
    }
    const outputs = Object.entries(values)
      .map(([key, value]) => `<member><OutputKey>${key}</OutputKey><OutputValue>${value}</OutputValue></member>`)
      .join("");
    const stack = `<member><StackName>${name}</StackName><StackStatus>CREATE_COMPLETE</StackStatus><Outputs>${outputs}</Outputs></member>`;
    const result = `<DescribeStacksResult><Stacks>${stack}</Stacks></DescribeStacksResult>`;
    return {
      status: 200,
      body: `<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/">${result}</DescribeStacksResponse>`,
    };
  });
}

describe("fantail deploy", { timeout: LONG_MS }, () => {
  test("fantail deploy synthesizes with the given options, deploys with the CDK, and prints how to connect", async () => {
    const { endpoint } = await cloudFormation(["Work"]);
    const place = ["--stack", "Work", "--region", "eu-central-1", "--aws-profile", "mine", "--endpoint", endpoint];
    // The user's own cdk.json must be ignored.
    writeFileSync(join(project, "cdk.json"), '{ "app": "false" }');
    writeFileSync(join(project, "props.json"), JSON.stringify({ scheme: "twobin", retentionDays: 7, hwm: 3 }));
    const pools = [
      { name: "small", count: 2, memoryMb: 512, timeoutSeconds: 30 },
      { name: "large", count: 1, memoryMb: 4096, timeoutSeconds: 60 },
    ];
    writeFileSync(join(project, "pools.json"), JSON.stringify(pools));
    mkdirSync(join(project, ".aws"));
    writeFileSync(join(project, ".aws/config"), "[profile mine]\nregion = eu-west-3\n");
    writeFileSync(join(project, ".aws/credentials"), "[mine]\naws_access_key_id = a\naws_secret_access_key = b\n");
    const aws = {
      AWS_CONFIG_FILE: join(project, ".aws/config"),
      AWS_SHARED_CREDENTIALS_FILE: join(project, ".aws/credentials"),
    };
    const options = [
      "-n",
      "pools.json",
      "--scheme",
      "lru",
      "--props",
      "props.json",
      "--bootstrap",
      "--yes",
      "-o",
      "json",
    ];
    const { code, stdout, stderr } = await spawned(["deploy", ...place, ...options], aws);
    expect(code, stderr).toBe(0);
    const [bootstrap, deploy, ...more] = calls();
    expect(more).toEqual([]);
    const last = ["--app", "APP", "--no-notices", "--no-version-reporting", "--profile", "mine"];
    expect(bootstrap?.words).toEqual(["bootstrap", ...last]);
    expect(deploy).toEqual({
      words: ["deploy", "Work", "--require-approval", "never", ...last],
      template: "Work.template.json",
      pools: JSON.stringify(pools),
      scheme: "lru",
      cwd: ["cdk.out"],
      env: {
        AWS_ENDPOINT_URL: endpoint,
        AWS_ENDPOINT_URL_S3: endpoint,
        AWS_REGION: "eu-central-1",
        CDK_DISABLE_CLI_TELEMETRY: "1",
      },
      isValidated: false,
    });
    expect(stderr).toContain("what the CDK says");
    expect(JSON.parse(stdout)).toEqual({
      stack: "Work",
      region: "eu-central-1",
      engines: 3,
      pools: JSON.parse(OUTPUTS.Pools),
      scheme: "lru",
      hwm: 1,
      scheduler: "scheduler",
      taskTable: "tasks",
      engineTable: "engines",
      blobBucket: "blobs",
      connect: { stack: "Work", region: "eu-central-1", endpoint, awsProfile: "mine" },
    });
  });

  test("fantail deploy names the props that the construct refuses, and does not deploy", async () => {
    const { endpoint } = await cloudFormation([]);
    const words = ["deploy", "--engines", '[{"name":"a","count":0}]', "--endpoint", endpoint, "--yes"];
    const { code, stderr } = await spawned(words);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining("engines[0].count") });
    expect(calls()).toEqual([]);
  });

  test("fantail deploy names the tenants whose cells would be deleted, and deletes none without --yes", async () => {
    const cell = (tenant: string) =>
      Object.entries(OUTPUTS).map(([name, value]) => [outputKey(name as OutputName, tenant), value]);
    const outputs = Object.fromEntries([...cell("alice"), ...cell("bob"), ...cell("carol")]);
    const { endpoint } = await cloudFormation(["Work"], STACK_DESCRIPTION, outputs);
    const words = ["deploy", "--stack", "Work", "--endpoint", endpoint, "--props", "props.json", "--yes"];
    // The props are invalid, so that nothing is bundled.
    const name = (...tenants: string[]) =>
      writeFileSync(join(project, "props.json"), JSON.stringify({ tenants, hwm: -1 }));
    name("bob");
    expect((await spawned(words)).stderr).toContain(
      "this deployment removes tenant alice and tenant carol from stack Work",
    );
    name("carol", "bob", "alice");
    const all = await spawned(words);
    expect(all.stderr).toContain("hwm");
    expect(all.stderr).not.toContain("removes");
    const refused = () => droppedCells("Work", ["alice", "bob"], [undefined], false);
    expect(refused).toThrow(CommandFailure);
    expect(refused).toThrow(/removes tenant alice and tenant bob .* pass --yes/);
    expect(() => droppedCells("Work", [undefined], ["alice"], false)).toThrow(/removes the cluster without tenants /);
    expect(droppedCells("Work", ["alice"], ["bob", "alice"], false)).toBeUndefined();
  });

  test.each(["deploy", "destroy"])("fantail %s replaces or deletes no stack that is not fantail's", async (command) => {
    const { endpoint } = await cloudFormation(["Shop"], "what we sell");
    const { code, stderr } = await runFantail([command, "--stack", "Shop", "--endpoint", endpoint, "--yes"]);
    const why = "stack Shop in eu-west-1 was not created by fantail: choose another name with --stack";
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(why) });
    expect(calls()).toEqual([]);
  });

  test("fantail deploy needs a CDK that can read its output, and names its version", async () => {
    installCdk("3.0.0");
    const { code, stderr } = await runFantail(["deploy", "--yes"]);
    expect({ code, stderr }).toEqual({
      code: 13,
      stderr: expect.stringMatching(/aws-cdk 3\.0\.0 .*npm install --save-dev aws-cdk@2\.1148\.1/),
    });
    installCdk("2.1140.0");
    expect((await runFantail(["destroy", "--yes"])).code).toBe(13);
  });

  test("fantail deploy asks for confirmation unless --yes is given", async () => {
    for (const words of [["deploy"], ["destroy"], ["deploy", "-o", "json"]])
      expect(await runFantail(words)).toMatchObject({ code: 2, stderr: expect.stringContaining("--yes") });
  });

  test.each([
    ["-n", "0"],
    ["-n", "nowhere.json"],
    ["-n", "[{]"],
    ["-n", "{}"],
    ["--scheme", "best"],
    ["--hwm", "-1"],
    ["--removal", "keep"],
    ["--props", "nowhere.json"],
    ["--stack", "1st"],
    ["--endpoint", "127.0.0.1:4566"],
    ["--dance", ""],
  ])("fantail deploy refuses the options %s %s", async (...words) => {
    expect((await runFantail(["deploy", "--yes", ...words])).code).toBe(2);
    expect(calls()).toEqual([]);
  });
});

describe("fantail destroy", { timeout: LONG_MS }, () => {
  test("fantail destroy deletes the stack with the CDK, and reports the outcome", async () => {
    const stacks = ["Work"];
    const { endpoint } = await cloudFormation(stacks);
    const words = ["destroy", "--stack", "Work", "--endpoint", endpoint, "--yes"];
    expect(await spawned(words)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("stack Work in eu-west-1: not deleted"),
    });
    const [destroy] = calls();
    expect(destroy?.words).toEqual([
      "destroy",
      "Work",
      "--force",
      "--app",
      "APP",
      "--no-notices",
      "--no-version-reporting",
    ]);
    expect(destroy?.template).toBe("Work.template.json");
    stacks.pop();
    expect(await spawned([...words, "-o", "json"])).toMatchObject({
      code: 12,
      stdout: "",
      stderr: expect.stringContaining("stack Work not found in eu-west-1"),
    });
  });

  test("fantail destroy reports that CloudFormation cannot be reached", async () => {
    const words = ["destroy", "--endpoint", "http://127.0.0.1:1", "--yes"];
    expect(await runFantail(words)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("could not be looked up"),
    });
  });
});
