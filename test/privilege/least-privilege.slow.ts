import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { Client } from "../../client/index.ts";
import { type Cloud, type Grantee, startCloud } from "../../client/local/index.ts";
import { PuppetCluster } from "./a-puppet-cluster.ts";
import { flowOfMessages } from "./flow-of-messages.ts";
import { Proof } from "./proof.ts";
import { without } from "./rights.ts";

/**
 * Maximum number of rounds in which every right must be shown to be needed. The first records which rights each step
 * uses.
 */
const ROUNDS = 10;
/** Larger than values that fit in messages and rows. */
const BLOB_BYTES = 300_000;

// Dozens of attempts each, all short; on a busy machine they add up.
vi.setConfig({ testTimeout: 120_000 });

let cloud: Cloud;
let proof: Proof;
let puppets: PuppetCluster;
let grantees: Grantee[];
beforeAll(async () => {
  cloud = await startCloud({
    // A single engine, which all messages of the flow are about.
    pools: [{ name: "a", count: 1 }],
    hwm: 2,
    // The rule would use rights at any time.
    tuning: { ruleEveryMs: 3_600_000 },
  });
  proof = await Proof.begin(cloud);
  puppets = new PuppetCluster(cloud);
  grantees = await cloud.access.grantees();
});
afterAll(() => cloud.close());

const functionOf = (label: string) =>
  grantees
    .find((one) => one.label === label)
    ?.arn.split("/")
    .at(-1) ?? "";
/** A message that only makes the function look up a row. For engines it is not valid. */
const BEGIN = { type: "begin", engine: 0, session: "0".repeat(16), nonce: "0".repeat(16), have: [] };

test("a client needs each of its rights, and so does an engine for values that travel as blobs", async () => {
  const step = <T>(name: string, run: () => Promise<T>) =>
    proof.step(name, run, ({ label, action }) => label === "client" || action?.startsWith("s3:") === true);
  const echo = (data: Uint8Array) => data.length;
  const make = (bytes: number, seed: number) => new Uint8Array(bytes).map((_, at) => (at * seed) % 251);
  const isShown = () =>
    proof.pending(/^s3:/).length === 0 && !proof.unproved.some((right) => right.startsWith("client"));
  for (let round = 0; round < ROUNDS && !isShown(); round++) {
    // A new client: clients cache what they have stored and read.
    const client = await Client.connect({ urlFile: cloud.urlFile });
    const view = client.loadBalancedView();
    await step("apply", async () => await view.apply((x: number) => x + 1, 1));
    await step("a long argument", async () => await view.apply(echo, randomBytes(BLOB_BYTES)));
    let seed = round * 10_000;
    await step("a long result", async () => await view.apply(make, BLOB_BYTES, ++seed));
    await step("a result by its id", async () => {
      const result = view.apply((x: number) => x, 2);
      await result;
      const again = await Client.connect({ urlFile: cloud.urlFile });
      await again.getResult(result.jobId);
      await again.close();
    });
    await client.close();
  }
  expect(isShown() || proof.unproved).toBe(true);
});

test("the scheduler's two functions need each of their rights", async () => {
  const client = grantees.find(({ label }) => label === "client")?.arn ?? "";
  await cloud.access.setStatements(client, [{ effect: "Allow", actions: ["*"], resources: ["*"] }]);
  await cloud.faults.dropEvents("engine", Number.MAX_SAFE_INTEGER);
  const step = <T>(name: string, run: () => Promise<T>) =>
    proof.step(name, run, ({ label }) => label === "scheduler" || label === "report");
  const functions = { scheduler: functionOf("scheduler"), report: functionOf("report") };
  const isShown = () => proof.pending(/^(?!logs:)/).every(({ label }) => label === "engine");
  for (let round = 0; round < ROUNDS && !isShown(); round++) await flowOfMessages(step, puppets, functions, round);
  await cloud.faults.dropEvents("engine", 0);
  expect(isShown() || proof.unproved).toBe(true);
});

test("an engine needs its right to report", async () => {
  const client = await Client.connect({ urlFile: cloud.urlFile });
  for (const right of proof.pending(/^lambda:/).filter(({ label }) => label === "engine")) {
    const reported = new Error("the engine's invocation failed, and its task with it");
    const { failure } = await proof.lacking(right, async () => {
      const view = client.loadBalancedView();
      view.apply(() => 1).catch(() => {});
      const log = () => cloud.logs(right.by.split("/").at(-1));
      await expect.poll(log, { timeout: 10_000 }).toMatch(/Invoke Error.*the report function .* cannot be reached/);
      throw reported;
    });
    expect(failure).toBe(reported);
    proof.prove(right, reported.message);
  }
  await client.close();
  expect(proof.pending(/^(?!logs:)/)).toEqual([]);
});

test("a function needs both rights to its log", async () => {
  for (const { arn, label, statements } of grantees.filter(({ label }) => label !== "client")) {
    const name = arn.split("/").at(-1) ?? "";
    /** Makes the function fail in a new environment. Returns whether its log says so. */
    const isLogged = async (mayLog: typeof statements) => {
      await endEnvironments(name);
      await cloud.access.setStatements(arn, mayLog);
      const before = await cloud.logs(name);
      await expect(puppets.call(name, label === "scheduler" ? { type: "status" } : BEGIN)).rejects.toThrow();
      return (await cloud.logs(name)).slice(before.length).includes("Invoke Error");
    };
    const logging = statements.filter(({ actions = [] }) => actions.every((action) => action.startsWith("logs:")));
    expect(await isLogged(logging)).toBe(true);
    for (const right of proof.pending(/^logs:/).filter(({ by }) => by === arn)) {
      if (!(await isLogged(without(logging, { ...right, statement: 0 }))))
        proof.prove(right, "a failure was not logged");
    }
    await cloud.access.setStatements(arn, statements);
  }
});

test("no statement of the template, no action in it and no resource of it is superfluous", () => {
  expect(proof.unproved).toEqual([]);
  // For each function and the client: the rights in its statements, or more if a statement is also proved as a whole.
  const said = grantees.flatMap(({ statements }) =>
    statements.map(({ actions = [], resources = [] }) => actions.length * resources.length),
  );
  expect(proof.shown.length).toBeGreaterThanOrEqual(said.reduce((sum, parts) => sum + parts));
  expect(said.length).toBeGreaterThanOrEqual(3 + 4 + 2 * 5);
});

test("the proof finds a statement that nothing needs", async () => {
  const report = grantees.find(({ label }) => label === "report");
  if (!report) throw new Error("no report function");
  const more = {
    effect: "Allow" as const,
    actions: ["dynamodb:Scan"],
    resources: [`table/${cloud.connection.taskTable}`],
  };
  await cloud.access.setStatements(report.arn, [...report.statements, more]);
  const again = await Proof.begin(cloud);
  await again.step("status", () => puppets.call(functionOf("scheduler"), { type: "status" }));
  expect(again.unproved.filter((right) => right.includes("dynamodb:Scan"))).toHaveLength(1);
  await cloud.access.setStatements(report.arn, report.statements);
});

/** Ends a function's environments, so that its next invocation starts a new one. */
async function endEnvironments(name: string): Promise<void> {
  const left = async () => {
    // Environments that are starting or busy become idle soon.
    await cloud.faults.endIdle(name);
    return (await cloud.faults.environments()).filter((one) => one.function === name);
  };
  await expect.poll(left, { timeout: 10_000, interval: 5 }).toEqual([]);
}
