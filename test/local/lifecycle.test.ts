import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { InvokeCommand } from "@aws-sdk/client-lambda";
import { GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { expect, onTestFinished, test, vi } from "vitest";
import { readConnection } from "../../client/connection/connection.ts";
import { startCloudOf } from "../../client/local/cloud.ts";
import { Gate } from "../e2e/gate.ts";
import { named, sdkClients, startStack, writeStack } from "./a-stack.ts";
import { aDataFolder, descendants, endsWithItsOwner, endsWithTheCloud, isAlive, PATIENCE } from "./an-owner.ts";

const echo = { echo: { code: "export const handler = async (event) => { console.log('echoed'); return event; }" } };

// `lifecycle.slow.ts` tests the other signal, and DynamoDB as a process.
endsWithItsOwner(["SIGKILL"]);
endsWithTheCloud(["thread"]);

test("a DynamoDB whose process dies is started again on its data, at its address", async () => {
  const cloud = await startStack({ functions: {}, tables: ["Rows"] }, { dataDir: aDataFolder() });
  onTestFinished(() => cloud.close());
  const { dynamodb } = sdkClients(cloud.connection, 8);
  const put = (n: number) =>
    dynamodb.send(
      new PutItemCommand({ TableName: named("Rows"), Item: { pk: { S: "a" }, sk: { S: `${n}` }, n: { N: `${n}` } } }),
    );
  for (let n = 0; n < 40; n++) {
    if (n % 10 === 9) await cloud.faults.killDynamoDb();
    await put(n);
  }
  for (let n = 0; n < 40; n++) {
    const Key = { pk: { S: "a" }, sk: { S: `${n}` } };
    const { Item } = await dynamodb.send(new GetItemCommand({ TableName: named("Rows"), Key, ConsistentRead: true }));
    expect(Item?.n).toEqual({ N: `${n}` });
  }
  await cloud.faults.throttle(1);
  expect(await cloud.access.asked()).toEqual([]);
});

test("a cloud whose DynamoDB in memory dies ends, and tells its owner that the tables are gone", async () => {
  const before = descendants(process.pid);
  const cloud = await startStack({ functions: echo, tables: ["Rows"] });
  const started = descendants(process.pid).filter((pid) => !before.includes(pid));
  await cloud.faults.killDynamoDb().catch(() => {});
  await vi.waitFor(() => expect(started.filter(isAlive)).toEqual([]), PATIENCE);
  const gone = /the embedded cluster ended: the embedded DynamoDB .*; its tables were in memory and are gone/;
  await expect(cloud.meter()).rejects.toThrow(gone);
  await cloud.close();
});

test("after close nothing is left behind, and closing again does nothing", async () => {
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

test("two clouds run side by side without affecting each other", async () => {
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

test("every function is throttled beyond the account's concurrency", async () => {
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
