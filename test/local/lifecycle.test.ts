import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { InvokeCommand } from "@aws-sdk/client-lambda";
import { GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { expect, onTestFinished, test, vi } from "vitest";
import { readConnection } from "../../client/connection/connection.ts";
import { startCloudOf } from "../../client/local/cloud.ts";
import { Gate } from "../e2e/gate.ts";
import { named, sdkClients, startStack, writeStack } from "./a-stack.ts";

const PATIENCE = { timeout: 20_000, interval: 50 };
const echo = { echo: { code: "export const handler = async (event) => { console.log('echoed'); return event; }" } };

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A zombie still answers the signal until its parent has collected it.
    return !execFileSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" }).startsWith("Z");
  } catch {
    return false;
  }
}

function descendants(pid: number): number[] {
  const lines = execFileSync("ps", ["-e", "-o", "pid=,ppid=,comm="], { encoding: "utf8" }).trim().split("\n");
  const children = lines
    .map((line) => line.trim().split(/\s+/))
    .filter(([, parent, command]) => Number(parent) === pid && command !== "ps");
  return children.flatMap(([child]) => [Number(child), ...descendants(Number(child))]);
}

function aDataFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "fantail-data-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Starts a process that owns a cloud with a busy engine. With a data folder, DynamoDB is a process of its own. */
async function anOwner(dataDir?: string): Promise<{ owner: ChildProcess; pids: number[]; folder: string }> {
  const owner = spawn(
    process.execPath,
    ["--import", "tsx", fileURLToPath(new URL("a-cloud-owner.ts", import.meta.url)), ...(dataDir ? [dataDir] : [])],
    {
      stdio: ["ignore", "pipe", "ignore"],
    },
  );
  onTestFinished(() => void owner.kill("SIGKILL"));
  let text = "";
  for await (const chunk of owner.stdout.setEncoding("utf8")) {
    text += chunk;
    if (text.includes("\n")) break;
  }
  const { pids, folder } = JSON.parse(text) as { pids: number[]; folder: string };
  const all = [...new Set([...descendants(owner.pid ?? 0), ...pids])];
  // The cloud, three environments, the child of one of them, and DynamoDB.
  expect(all.length).toBeGreaterThanOrEqual(dataDir ? 6 : 5);
  expect(all.filter(isAlive)).toEqual(all);
  return { owner, pids: all, folder: dirname(dirname(folder)) };
}

test.each(["SIGKILL", "SIGTERM"] as const)(
  "everything ends with an owner that gets %s, even an engine in a loop",
  async (signal) => {
    const { owner, pids, folder } = await anOwner();
    expect(existsSync(folder)).toBe(true);
    owner.kill(signal);
    await vi.waitFor(() => expect(pids.filter(isAlive)).toEqual([]), PATIENCE);
    await vi.waitFor(() => expect(existsSync(folder)).toBe(false), PATIENCE);
  },
);

test.each(["thread", "process"])(
  "everything ends when the cloud's own process is killed, with DynamoDB as a %s",
  async (kind) => {
    const { owner, pids, folder } = await anOwner(kind === "process" ? aDataFolder() : undefined);
    const [cloud = 0] = descendants(owner.pid ?? 0);
    process.kill(cloud, "SIGKILL");
    await vi.waitFor(() => expect(pids.filter(isAlive)).toEqual([]), PATIENCE);
    await vi.waitFor(() => expect(existsSync(folder)).toBe(false), PATIENCE);
  },
);

test("a cloud whose DynamoDB dies ends, and tells its owner why", async () => {
  const before = descendants(process.pid);
  const cloud = await startStack({ functions: echo }, { dataDir: aDataFolder() });
  const started = descendants(process.pid).filter((pid) => !before.includes(pid));
  const dynamodb = started.find((pid) =>
    execFileSync("ps", ["-o", "args=", "-p", String(pid)], { encoding: "utf8" }).includes("dynamodb-process"),
  );
  process.kill(dynamodb ?? 0, "SIGKILL");
  await vi.waitFor(() => expect(started.filter(isAlive)).toEqual([]), PATIENCE);
  await expect(cloud.meter()).rejects.toThrow("the embedded cluster ended: the embedded DynamoDB was killed (SIGKILL)");
  await cloud.close();
});

test("after close nothing is left, and closing again does nothing", async () => {
  const before = descendants(process.pid);
  const cloud = await startStack({ functions: echo, tables: ["Rows"], buckets: ["Blobs"] });
  await sdkClients(cloud.connection).lambda.send(new InvokeCommand({ FunctionName: named("echo"), Payload: "1" }));
  const started = descendants(process.pid).filter((pid) => !before.includes(pid));
  expect(started.length).toBeGreaterThanOrEqual(2);
  expect(await readConnection(cloud.urlFile)).toEqual(cloud.connection);
  expect(cloud.connection.pid).toBe(process.pid);
  expect(statSync(cloud.urlFile).mode & 0o777).toBe(0o600);
  await cloud.close();
  await cloud.close();
  await vi.waitFor(() => expect(started.filter(isAlive)).toEqual([]), PATIENCE);
  const [pid] = started;
  expect(readdirSync(tmpdir()).filter((name) => name.startsWith(`fantail-cloud-${pid}-`))).toEqual([]);
});

test("aborting the signal closes the cloud, during start and later", async () => {
  const stack = { template: writeStack({ functions: echo }), clientMay: [] };
  const abort = new AbortController();
  const starting = startCloudOf({ stack }, abort.signal);
  abort.abort(new Error("no longer wanted"));
  await expect(starting).rejects.toThrow("no longer wanted");
  const later = new AbortController();
  const cloud = await startCloudOf({ stack }, later.signal);
  later.abort();
  await cloud.close();
  await expect(cloud.meter()).rejects.toThrow("the embedded cluster was closed");
});

test("the next cloud finds the tables, blobs and logs of a data folder", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "fantail-data-"));
  const stack = { functions: echo, tables: ["Rows"], buckets: ["Blobs"] };
  const Bucket = named("Blobs").toLowerCase();
  const Item = { pk: { S: "a" }, sk: { S: "b" }, n: { N: "1" } };
  const first = await startStack(stack, { dataDir });
  const clients = sdkClients(first.connection);
  await clients.dynamodb.send(new PutItemCommand({ TableName: named("Rows"), Item }));
  await clients.s3.send(new PutObjectCommand({ Bucket, Key: "blobs/x", Body: "kept" }));
  await clients.lambda.send(new InvokeCommand({ FunctionName: named("echo"), Payload: "1" }));
  await expect(startStack(stack, { dataDir })).rejects.toThrow();
  await first.close();

  const second = await startStack(stack, { dataDir });
  onTestFinished(() => second.close());
  const again = sdkClients(second.connection);
  const key = { pk: { S: "a" }, sk: { S: "b" } };
  expect((await again.dynamodb.send(new GetItemCommand({ TableName: named("Rows"), Key: key }))).Item).toEqual(Item);
  const { Body } = await again.s3.send(new GetObjectCommand({ Bucket, Key: "blobs/x" }));
  expect(await Body?.transformToString()).toBe("kept");
  expect(readFileSync(join(dataDir, "logs", `${named("echo")}.log`), "utf8")).toBe("echoed\n");
  expect(second.connection.credentials).not.toEqual(first.connection.credentials);
});

test("two clouds run side by side and know nothing of each other", async () => {
  const [one, two] = await Promise.all([startStack({ functions: echo }), startStack({ functions: echo })]);
  onTestFinished(() => one.close());
  const foreign = sdkClients({ ...one.connection, credentials: two.connection.credentials });
  await expect(foreign.lambda.send(new InvokeCommand({ FunctionName: named("echo") }))).rejects.toMatchObject({
    name: "UnrecognizedClientException",
  });
  await two.close();
  const { StatusCode } = await sdkClients(one.connection).lambda.send(
    new InvokeCommand({ FunctionName: named("echo") }),
  );
  expect(StatusCode).toBe(200);
});

test("over the account's concurrency every function is throttled", async () => {
  const gate = new Gate();
  const waits = `while (!existsSync(${JSON.stringify(gate.path)})) await new Promise((done) => setTimeout(done, 20));`;
  const slow = { slow: { code: `import { existsSync } from "node:fs"; export async function handler() { ${waits} }` } };
  const cloud = await startStack({ functions: { ...echo, ...slow } }, { tuning: { accountConcurrency: 1 } });
  onTestFinished(() => cloud.close());
  const { lambda } = sdkClients(cloud.connection);
  const call = (name: string) => lambda.send(new InvokeCommand({ FunctionName: named(name) }));
  const busy = call("slow");
  await vi.waitFor(
    async () => expect((await cloud.faults.environments()).some((one) => one.busy)).toBe(true),
    PATIENCE,
  );
  await expect(call("echo")).rejects.toMatchObject({
    name: "TooManyRequestsException",
    Reason: "ConcurrentInvocationLimitExceeded",
  });
  gate.open();
  await busy;
  expect(await call("echo")).toMatchObject({ StatusCode: 200 });
});

test("an owner that forgets its cloud can still end", async () => {
  const source = `import { startStack } from ${JSON.stringify(new URL("a-stack.ts", import.meta.url).href)};
    await startStack({ functions: {} });`;
  const owner = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", source], { stdio: "ignore" });
  onTestFinished(() => void owner.kill("SIGKILL"));
  const [code] = await once(owner, "exit");
  expect(code).toBe(0);
});

test("a stack that this cloud cannot deploy is refused, and nothing is left running", async () => {
  const before = descendants(process.pid);
  const template = { functions: { echo: { ...echo.echo, properties: { ReservedConcurrentExecutions: "many" } } } };
  await expect(startStack(template)).rejects.toThrow(
    /AWS::Lambda::Function echo in the template: ReservedConcurrentExecutions/,
  );
  await vi.waitFor(() => expect(descendants(process.pid).filter((pid) => !before.includes(pid))).toEqual([]), PATIENCE);
});
