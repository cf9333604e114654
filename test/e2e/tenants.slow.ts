import { DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { Client } from "../../client/index.ts";
import { type Cloud, startCloud } from "../../client/local/index.ts";
import { expectSoundCloud } from "./sound-cloud.ts";

/**
 * Tries to access another tenant's resource with the keys of its engine. These are kept from the environment of tasks,
 * but any code in the process can find them. Returns the service's answer.
 */
async function reachFor({ kind, endpoints, name, key = "", body = "" }: Reach): Promise<string> {
  const { readFileSync } = await import("node:fs");
  const variables = new Map(
    readFileSync("/proc/self/environ", "utf8")
      .split("\0")
      .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );
  const credentials = {
    accessKeyId: variables.get("AWS_ACCESS_KEY_ID") ?? "",
    secretAccessKey: variables.get("AWS_SECRET_ACCESS_KEY") ?? "",
  };
  const { S3Client, GetObjectCommand, PutObjectCommand } = await import("@aws-sdk/client-s3");
  const { LambdaClient, InvokeCommand } = await import("@aws-sdk/client-lambda");
  const s3 = new S3Client({
    credentials,
    region: "us-east-1",
    endpoint: endpoints.s3,
    forcePathStyle: true,
    maxAttempts: 1,
  });
  const lambda = new LambdaClient({ credentials, region: "us-east-1", endpoint: endpoints.lambda, maxAttempts: 1 });
  try {
    if (kind === "get") await s3.send(new GetObjectCommand({ Bucket: name, Key: key }));
    else if (kind === "put")
      await s3.send(new PutObjectCommand({ Bucket: name, Key: key, Body: body, IfNoneMatch: "*" }));
    else await lambda.send(new InvokeCommand({ FunctionName: name, Payload: Buffer.from("{}") }));
    return "got it";
  } catch (error) {
    return error instanceof Error ? error.name : String(error);
  }
}

interface Reach {
  kind: "get" | "put" | "invoke";
  endpoints: { lambda: string; s3: string };
  name: string;
  key?: string;
  body?: string;
}

describe("a stack with tenants", { timeout: 60_000 }, () => {
  let cloud: Cloud;
  let alice: Client;
  let bob: Client;
  beforeAll(async () => {
    cloud = await startCloud({ pools: [{ name: "default", count: 1 }], tenants: ["alice", "bob"] });
    const connect = (tenant: string) => Client.connect({ urlFile: connectionOf(tenant).urlFile });
    [alice, bob] = await Promise.all([connect("alice"), connect("bob")]);
  });
  afterEach(async () => {
    for (const [tenant, { connection }] of Object.entries(cloud.tenants))
      await expectSoundCloud({ access: cloud.access, connection, tenant });
  });
  afterAll(async () => {
    await Promise.all([alice?.close(), bob?.close()]);
    await cloud?.close();
  });
  const connectionOf = (tenant: string) => {
    const found = cloud.tenants[tenant];
    if (!found) throw new Error(`no tenant ${tenant}`);
    return found;
  };

  it("a stack with tenants runs each tenant's tasks in a cell of its own, whose results another client cannot find", async () => {
    const squares = (client: Client) => client.loadBalancedView().map((x: number) => x * x, [1, 2, 3]);
    const [hers, his] = [squares(alice), squares(bob)];
    expect(await Promise.all([hers, his])).toEqual([
      [1, 4, 9],
      [1, 4, 9],
    ]);
    await expect(bob.getResult(hers.taskIds)).rejects.toMatchObject({ code: "UnknownTask" });
    const names = (tenant: string) => {
      const { scheduler, taskTable, engineTable, blobBucket } = connectionOf(tenant).connection;
      return [scheduler, taskTable, engineTable, blobBucket];
    };
    expect(new Set([...names("alice"), ...names("bob")]).size).toBe(8);
  });

  // Without /proc, a task cannot find the keys of its process.
  it.skipIf(process.platform !== "linux")(
    "a stack with tenants lets engines access their own tenant's blobs and functions only",
    async () => {
      // Long enough to be stored in the bucket, under its hash.
      const secret = "bob's own ".repeat(2_000);
      expect(await bob.loadBalancedView().apply((text: string) => text.length, secret)).toBe(secret.length);
      const { connection } = connectionOf("bob");
      const endpoints = connection.endpoints ?? { lambda: "", s3: "" };
      const view = alice.loadBalancedView();
      const reach = (kind: Reach["kind"], name: string, key?: string) =>
        view.apply(reachFor, { kind, endpoints, name, ...(key !== undefined && { key, body: "forged" }) });
      const mine = connectionOf("alice").connection.blobBucket;
      expect(
        await Promise.all([
          reach("put", mine, "blobs/of-mine"),
          reach("get", connection.blobBucket, "blobs/of-anyone"),
          reach("put", connection.blobBucket, "blobs/of-anyone"),
          reach("invoke", connection.scheduler),
        ]),
      ).toEqual(["got it", "AccessDenied", "AccessDenied", "AccessDeniedException"]);
    },
  );

  it("a stack with tenants lets no client read another tenant's table", async () => {
    const { credentials, region, endpoints } = connectionOf("alice").connection;
    if (!credentials || !endpoints) throw new Error("the embedded cloud tells keys and endpoints");
    const dynamodb = new DynamoDBClient({ region, credentials, endpoint: endpoints.dynamodb, maxAttempts: 1 });
    const { taskTable } = connectionOf("bob").connection;
    await expect(dynamodb.send(new ScanCommand({ TableName: taskTable }))).rejects.toThrow(/not authorized/);
    dynamodb.destroy();
  });
});
