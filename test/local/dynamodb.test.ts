import { Agent, request } from "node:http";
import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Cloud, startCloudOf } from "../../client/local/cloud.ts";
import { named, sdkClients, writeStack } from "./a-stack.ts";

const table = (id: string) => `arn:aws:dynamodb:us-east-1:000000000000:table/${named(id)}`;

let cloud: Cloud;
let db: ReturnType<typeof sdkClients>["dynamodb"];
beforeAll(async () => {
  cloud = await startCloudOf({
    stack: {
      template: writeStack({ functions: {}, tables: ["Mine", "Theirs"] }),
      clientMay: [
        {
          effect: "Allow",
          actions: ["GetItem", "PutItem", "UpdateItem", "Query", "BatchGetItem", "BatchWriteItem"].map(
            (op) => `dynamodb:${op}`,
          ),
          resources: [table("Mine")],
        },
        { effect: "Allow", actions: ["dynamodb:GetItem"], resources: [table("Theirs")] },
      ],
    },
  });
  db = sdkClients(cloud.connection).dynamodb;
});
beforeEach(() => cloud.resetMeter());
afterAll(() => cloud.close());

const key = (sk: string) => ({ pk: { S: "p" }, sk: { S: sk } });
const item = (sk: string, bytes = 10) => ({ ...key(sk), body: { S: "x".repeat(bytes) } });
const put = (TableName: string, sk: string, bytes?: number) =>
  db.send(new PutItemCommand({ TableName, Item: item(sk, bytes) }));
const batchOf = (TableName: string, sks: string[]) =>
  db.send(
    new BatchWriteItemCommand({ RequestItems: { [TableName]: sks.map((sk) => ({ PutRequest: { Item: item(sk) } })) } }),
  );
const denied = {
  name: "AccessDeniedException",
  message: expect.stringMatching(/is not authorized to perform: dynamodb:/),
};
const traffic = async () => (await cloud.meter()).traffic.dynamodb.client;

test("rows are stored and returned", async () => {
  await put(named("Mine"), "a");
  const { Item } = await db.send(new GetItemCommand({ TableName: named("Mine"), Key: key("a"), ConsistentRead: true }));
  expect(Item).toEqual(item("a"));
});

test("an operation that the policy does not name is denied", async () => {
  await expect(db.send(new ScanCommand({ TableName: named("Mine") }))).rejects.toMatchObject(denied);
});

test("a table that the policy does not name for an operation is denied, alone and in a batch", async () => {
  await expect(put(named("Theirs"), "a")).rejects.toMatchObject(denied);
  await expect(batchOf(named("Theirs"), ["a", "b"])).rejects.toMatchObject(denied);
  const mixed = new BatchGetItemCommand({
    RequestItems: { [named("Mine")]: { Keys: [key("a")] }, [named("Theirs")]: { Keys: [key("a")] } },
  });
  await expect(db.send(mixed)).rejects.toMatchObject(denied);
  await expect(db.send(new GetItemCommand({ TableName: named("Theirs"), Key: key("a") }))).resolves.toBeDefined();
});

test("a missing table is reported as missing", async () => {
  await expect(put("Nowhere", "a")).rejects.toMatchObject({ name: "ResourceNotFoundException" });
});

test("capacity is counted by DynamoDB's rule, whether the caller asks or not", async () => {
  await put(named("Mine"), "small", 100);
  await put(named("Mine"), "large", 2_500);
  await batchOf(named("Mine"), ["b1", "b2", "b3"]);
  expect(await traffic()).toMatchObject({ calls: 3, writeUnits: 1 + 3 + 3, readUnits: 0 });
  await db.send(new GetItemCommand({ TableName: named("Mine"), Key: key("small"), ConsistentRead: true }));
  await db.send(
    new QueryCommand({
      TableName: named("Mine"),
      KeyConditionExpression: "pk = :p AND begins_with(sk, :b)",
      ExpressionAttributeValues: { ":p": { S: "p" }, ":b": { S: "b" } },
      ReturnConsumedCapacity: "TOTAL",
    }),
  );
  expect(await traffic()).toMatchObject({
    calls: 5,
    readUnits: 1.5,
    operations: { PutItem: 2, BatchWriteItem: 1, GetItem: 1, Query: 1 },
  });
});

test("a failed condition returns AWS's error, and is billed", async () => {
  const claim = new UpdateItemCommand({
    TableName: named("Mine"),
    Key: key("none"),
    UpdateExpression: "SET n = :n",
    ConditionExpression: "attribute_exists(pk)",
    ExpressionAttributeValues: { ":n": { N: "1" } },
  });
  await expect(db.send(claim)).rejects.toMatchObject({ name: "ConditionalCheckFailedException" });
  expect(await traffic()).toMatchObject({ writeUnits: 1, errors: { ConditionalCheckFailedException: 1 } });
});

test("throttling refuses as many requests as asked, of one operation where one is named", async () => {
  await cloud.faults.throttle(2, "PutItem");
  await expect(put(named("Mine"), "t")).rejects.toMatchObject({ name: "ProvisionedThroughputExceededException" });
  await db.send(new GetItemCommand({ TableName: named("Mine"), Key: key("t") }));
  // One refusal is left, which the SDK retries.
  await sdkClients(cloud.connection, 3).dynamodb.send(
    new PutItemCommand({ TableName: named("Mine"), Item: item("t") }),
  );
  await put(named("Mine"), "t");
});

test("a half-processed batch lists the unprocessed half, and has written the other", async () => {
  await cloud.faults.leaveUnprocessed(2);
  const { UnprocessedItems } = await batchOf(named("Mine"), ["u1", "u2", "u3"]);
  expect(UnprocessedItems?.[named("Mine")]?.map(({ PutRequest }) => PutRequest?.Item?.sk?.S)).toEqual(["u2", "u3"]);
  const one = await batchOf(named("Mine"), ["u4"]);
  expect(one.UnprocessedItems?.[named("Mine")]).toHaveLength(1);
  const whole = await batchOf(named("Mine"), ["u2", "u3", "u4"]);
  expect(whole.UnprocessedItems ?? {}).toEqual({});
  const { Count } = await db.send(
    new QueryCommand({
      TableName: named("Mine"),
      KeyConditionExpression: "pk = :p AND begins_with(sk, :u)",
      ExpressionAttributeValues: { ":p": { S: "p" }, ":u": { S: "u" } },
    }),
  );
  expect(Count).toBe(4);
});

test("a caller that dies in the middle of a request affects no other", async () => {
  const { endpoints, credentials } = cloud.connection;
  await new Promise<void>((resolve) => {
    const call = request(endpoints?.dynamodb ?? "", {
      method: "POST",
      headers: {
        authorization: `AWS4-HMAC-SHA256 Credential=${credentials?.accessKeyId}/`,
        "x-amz-target": "DynamoDB_20120810.PutItem",
        "content-length": 1_000,
      },
    });
    call.on("error", () => resolve());
    call.write('{"TableName":', () => call.destroy(new Error("gone")));
  });
  await put(named("Mine"), "after");
});

test("a connection stays open for the next call", async () => {
  const agent = new Agent({ keepAlive: true });
  const { endpoints, credentials } = cloud.connection;
  for (const endpoint of Object.values(endpoints ?? {})) {
    const ports = new Set<number | undefined>();
    for (let call = 0; call < 3; call++) {
      const headers = { authorization: `AWS4-HMAC-SHA256 Credential=${credentials?.accessKeyId}/` };
      await new Promise<void>((resolve, reject) => {
        const sent = request(endpoint, { agent, method: "POST", headers }, (response) => {
          ports.add(sent.socket?.localPort);
          response.resume().on("end", resolve);
        });
        sent.on("error", reject).end("{}");
      });
    }
    expect(ports.size).toBe(1);
  }
  agent.destroy();
});
