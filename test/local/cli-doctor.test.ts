import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { CommandCluster } from "./command-cluster.ts";
import { runFantail } from "./run-fantail.ts";

const cluster = new CommandCluster();
const VARIABLES = [
  "FANTAIL_HOME",
  "FANTAIL_CONNECTION",
  "AWS_REGION",
  "AWS_DEFAULT_REGION",
  "AWS_ACCESS_KEY_ID",
  "AWS_CONFIG_FILE",
  "AWS_SHARED_CREDENTIALS_FILE",
  "AWS_EC2_METADATA_DISABLED",
];
let saved: [string, string | undefined][] = [];
let home = "";
beforeEach(() => {
  saved = VARIABLES.map((name) => [name, process.env[name]]);
  home = mkdtempSync(join(tmpdir(), "fantail-doctor-"));
  for (const name of VARIABLES) if (name !== "FANTAIL_CONNECTION") delete process.env[name];
  process.env.FANTAIL_HOME = home;
  process.env.AWS_CONFIG_FILE = join(home, "none");
  process.env.AWS_SHARED_CREDENTIALS_FILE = join(home, "none");
  process.env.AWS_EC2_METADATA_DISABLED = "true";
});
afterEach(() => {
  for (const [name, value] of saved)
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  rmSync(home, { recursive: true, force: true });
});

test("doctor finds everything in order on a running cluster", async () => {
  const checks = await cluster.json<{ check: string; result: string }[]>("doctor");
  expect(checks.filter(({ result }) => result === "wrong")).toEqual([]);
  const names = ["node", "folder", "environment", "process", "port of lambda", "scheduler", "tables", "engines"];
  expect(checks.filter(({ result }) => result === "ok").map(({ check }) => check)).toEqual(
    expect.arrayContaining(names),
  );
  expect((await cluster.run("doctor")).stdout).toMatch(/^ok {7}node: v/);
});

test("doctor says what is wrong with a cluster whose process has ended, and exits with 1", async () => {
  const { connection } = cluster.cloud;
  delete process.env.FANTAIL_CONNECTION;
  // No process has this id: it is above the largest that Linux gives.
  writeFileSync(join(home, "gone.json"), JSON.stringify({ ...connection, pid: 2 ** 22 + 1 }));
  const { code, stdout, stderr } = await runFantail(["doctor", "--profile", "gone"]);
  expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
  expect(stdout).toContain(
    `wrong    process: process ${2 ** 22 + 1} has ended. Start the cluster again with \`fantail start\`\n`,
  );
});

test("without a stack wanted, missing AWS access is skipped; with one, it is wrong", async () => {
  delete process.env.FANTAIL_CONNECTION;
  const without = await runFantail(["doctor"]);
  expect(without).toMatchObject({ code: 0, stdout: expect.stringMatching(/\nskipped {2}account: no AWS credentials/) });
  const wanted = await runFantail(["doctor", "--stack", "Mine"]);
  expect(wanted).toMatchObject({ code: 1, stdout: expect.stringMatching(/\nwrong {4}account: .*--aws-profile\n/) });
});
