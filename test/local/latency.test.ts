import { BatchWriteItemCommand, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { InvokeCommand } from "@aws-sdk/client-lambda";
import { GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { Client } from "../../client/index.ts";
import { type Cloud, startCloud, startCloudOf } from "../../client/local/cloud.ts";
import type { LatencyKind } from "../../client/local/latency/aws-figures.ts";
import { LatencyModel } from "../../client/local/latency/latency-model.ts";
import type { RecordedCall } from "../../client/local/requests/call-log.ts";
import { InvalidFlag } from "../../lambdas/protocol/errors.ts";
import { named, sdkClients, writeStack } from "./a-stack.ts";

const SEED = 7;
const TableName = named("Mine");
const Bucket = named("Blobs").toLowerCase();
const Item = (sk: string) => ({ pk: { S: "p" }, sk: { S: sk } });

let cloud: Cloud;
let clients: ReturnType<typeof sdkClients>;

async function start(latency?: { model: "aws"; seed: number }): Promise<Cloud> {
  const echo = { code: "export const handler = async (event) => event;" };
  const template = writeStack({ functions: { echo }, tables: ["Mine"], buckets: ["Blobs"] });
  const clientMay = [{ effect: "Allow" as const, actions: ["*"], resources: ["*"] }];
  return startCloudOf({ stack: { template, clientMay }, latency, tuning: { recordCalls: true } });
}

/** Returns the first draws of the model with this seed. */
function firstDraws(kind: LatencyKind, count: number): number[] {
  const model = new LatencyModel({ model: "aws", seed: SEED });
  return Array.from({ length: count }, () => model.draw(kind));
}

/** Runs calls one after another. Returns the records of them. */
async function recorded(...calls: (() => Promise<unknown>)[]): Promise<RecordedCall[]> {
  await cloud.resetMeter();
  for (const call of calls) await call();
  return cloud.calls();
}

const waits = (calls: readonly RecordedCall[]) => calls.map(({ waitedMs }) => waitedMs);
const lasted = ({ start, end = 0 }: RecordedCall) => end - start;

describe("a cloud with latencies", () => {
  beforeAll(async () => {
    cloud = await start({ model: "aws", seed: SEED });
    clients = sdkClients(cloud.connection);
  });
  afterAll(() => cloud.close());

  it("a cloud with latencies reports its model and seed", () => {
    expect(cloud.notices).toContain("calls are delayed by latency model aws, seed 7");
  });

  it("a cloud with latencies delays reads and writes of tables by its seed's draws", async () => {
    const { dynamodb } = clients;
    const put = (sk: string) => () => dynamodb.send(new PutItemCommand({ TableName, Item: Item(sk) }));
    const writes = await recorded(put("a"), put("b"), put("c"));
    expect(waits(writes)).toEqual(firstDraws("dynamodbWrite", 3));
    const get = (sk: string) => () => dynamodb.send(new GetItemCommand({ TableName, Key: Item(sk) }));
    const reads = await recorded(get("a"), get("none"));
    expect(waits(reads)).toEqual(firstDraws("dynamodbRead", 2));
    expect(reads.map(({ found }) => found)).toEqual([true, false]);
    const requests = { [TableName]: ["d", "e"].map((sk) => ({ PutRequest: { Item: Item(sk) } })) };
    const batch = await recorded(() => dynamodb.send(new BatchWriteItemCommand({ RequestItems: requests })));
    expect(waits(batch)).toEqual(firstDraws("dynamodbBatchWrite", 1));
    for (const call of [...writes, ...reads, ...batch]) {
      expect(lasted(call)).toBeGreaterThan(call.waitedMs - 1);
      expect(call).toMatchObject({ service: "dynamodb", by: "client", partitions: ["p"] });
    }
  });

  it("a cloud with latencies delays concurrent calls concurrently", async () => {
    const get = () => clients.dynamodb.send(new GetItemCommand({ TableName, Key: Item("a") }));
    const calls = await recorded(() => Promise.all(Array.from({ length: 20 }, get)));
    const atOnce = calls.map(
      ({ start }) => calls.filter((call) => call.start <= start && (call.end ?? 0) > start).length,
    );
    expect(Math.max(...atOnce)).toBeGreaterThan(1);
  });

  it("a cloud with latencies delays objects by their size", async () => {
    const { s3 } = clients;
    const Body = new Uint8Array(1_860_000);
    const [put] = await recorded(() => s3.send(new PutObjectCommand({ Bucket, Key: "large", Body })));
    expect(put?.waitedMs).toBe((firstDraws("s3Write", 1)[0] ?? 0) + 20);
    const [get] = await recorded(async () => {
      const { Body: content } = await s3.send(new GetObjectCommand({ Bucket, Key: "large", Range: "bytes=0-929999" }));
      expect(await content?.transformToByteArray()).toHaveLength(930_000);
    });
    expect(get?.waitedMs).toBe((firstDraws("s3Read", 1)[0] ?? 0) + 10);
    const [none] = await recorded(() => s3.send(new GetObjectCommand({ Bucket, Key: "none" })).catch(() => {}));
    expect(none?.waitedMs).toBe(firstDraws("s3Read", 2)[1]);
  });

  it("a cloud with latencies delays invocations, and an environment's first one more", async () => {
    const { lambda } = clients;
    const FunctionName = named("echo");
    const invoke = () => lambda.send(new InvokeCommand({ FunctionName, Payload: "1" }));
    const [cold, warm] = await recorded(invoke, invoke);
    const [first = 0, second = 0] = firstDraws("invoke", 2);
    expect(cold?.waitedMs).toBe(first + (firstDraws("coldStart", 1)[0] ?? 0));
    expect(warm?.waitedMs).toBe(second);
    for (const call of [cold, warm])
      expect((call?.began ?? 0) - (call?.start ?? 0)).toBeGreaterThan((call?.waitedMs ?? 0) - 1);
    await recorded(() => lambda.send(new InvokeCommand({ FunctionName, InvocationType: "Event", Payload: "1" })));
    await expect.poll(async () => (await cloud.calls())[0]?.began).toBeDefined();
    const [event] = await cloud.calls();
    const [waitedMs, deliveryMs] = [firstDraws("accept", 1)[0], firstDraws("delivery", 1)[0]];
    expect(event).toMatchObject({ operation: "Event", waitedMs, deliveryMs });
    expect((event?.began ?? 0) - (event?.start ?? 0)).toBeGreaterThan((firstDraws("delivery", 1)[0] ?? 0) - 1);
  });

  it("resetting the meter clears the recorded calls", async () => {
    await cloud.resetMeter();
    expect(await cloud.calls()).toEqual([]);
  });
});

test("a cloud without latencies delays nothing", async () => {
  const plain = await start();
  try {
    const { dynamodb, lambda, s3 } = sdkClients(plain.connection);
    await dynamodb.send(new PutItemCommand({ TableName, Item: Item("a") }));
    await lambda.send(new InvokeCommand({ FunctionName: named("echo"), Payload: "1" }));
    await s3.send(new PutObjectCommand({ Bucket, Key: "small", Body: "small" }));
    const calls = await plain.calls();
    expect(calls.map(({ operation }) => operation)).toEqual(["PutItem", "Invoke", "PutObject"]);
    expect(waits(calls)).toEqual([0, 0, 0]);
    expect(plain.notices.filter((notice) => notice.startsWith("latencies"))).toEqual([]);
  } finally {
    await plain.close();
  }
});

test("an unknown latency model is refused before anything starts", async () => {
  const latency = "azure" as "aws"; // As a program without types may give it.
  const pools = [{ name: "default", count: 1 }];
  await expect(startCloud({ pools, latency })).rejects.toThrow(InvalidFlag);
  await expect(Client.local({ engines: 1, latency })).rejects.toThrow(/^flag latency: must be "aws"/);
});
