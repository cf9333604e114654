import { once } from "node:events";
import { type IncomingHttpHeaders, request } from "node:http";
import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { InvokeCommand } from "@aws-sdk/client-lambda";
import { GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Cloud, startCloudOf } from "../../client/local/cloud.ts";
import { unicodeText } from "../unicode-text.ts";
import { named, sdkClients, writeStack } from "./a-stack.ts";

const SERVICES = ["lambda", "dynamodb", "s3", "eventbridge"] as const;
type Service = (typeof SERVICES)[number];
const Bucket = named("Blobs").toLowerCase();
const TableName = named("Mine");
const table = (id: string) => `arn:aws:dynamodb:us-east-1:000000000000:table/${named(id)}`;

let cloud: Cloud;
let endpoints: Record<string, string> = {};
beforeAll(async () => {
  // A function gets the endpoints of all services, a client only those that it needs.
  const echo = { code: "export const handler = async (event) => event ?? process.env;" };
  cloud = await startCloudOf({
    stack: {
      template: writeStack({ functions: { echo }, tables: ["Mine", "Theirs"], buckets: ["Blobs"] }),
      clientMay: [
        { effect: "Allow", actions: ["lambda:InvokeFunction"], resources: ["*"] },
        { effect: "Allow", actions: ["dynamodb:GetItem", "dynamodb:PutItem"], resources: [table("Mine")] },
        { effect: "Allow", actions: ["s3:GetObject", "s3:PutObject"], resources: [`arn:aws:s3:::${Bucket}/blobs/*`] },
      ],
    },
  });
  const { lambda, dynamodb, s3 } = sdkClients(cloud.connection);
  const { Payload } = await lambda.send(new InvokeCommand({ FunctionName: named("echo"), Payload: "null" }));
  const variables = JSON.parse(Buffer.from(Payload ?? []).toString()) as Record<string, string>;
  const prefix = "AWS_ENDPOINT_URL_";
  const urls = Object.entries(variables).filter(([name]) => name.startsWith(prefix));
  endpoints = Object.fromEntries(urls.map(([name, url]) => [name.slice(prefix.length).toLowerCase(), url]));
  expect(Object.keys(endpoints).sort()).toEqual([...SERVICES].sort());
  await dynamodb.send(new PutItemCommand({ TableName, Item: ITEM }));
  await s3.send(new PutObjectCommand({ Bucket, Key: "blobs/kept", Body: "kept" }));
});
afterAll(() => cloud.close());

const ITEM = { pk: { S: "p" }, sk: { S: "kept" }, n: { N: "1" } };

function portOf(service: Service): number {
  return Number(new URL(endpoints[service] ?? "").port);
}

/** Returns the Authorization header of an SDK. */
function signed(key = cloud.connection.credentials?.accessKeyId): string {
  const credential = `${key}/20260101/us-east-1/service/aws4_request`;
  return `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host, Signature=${"0".repeat(64)}`;
}

interface Sent {
  method?: string;
  path?: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
}

interface Reply {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

function send(service: Service, { method = "POST", path = "/", headers = {}, body = "" }: Sent): Promise<Reply> {
  return new Promise((resolve, reject) => {
    // Node does not set a length for the body of a DELETE request.
    const all = { ...headers, "content-length": Buffer.byteLength(body) };
    const call = request({ host: "127.0.0.1", port: portOf(service), method, path, headers: all, setHost: false });
    call.on("error", reject);
    call.on("response", (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk) => {
        text += chunk;
      });
      response.on("end", () => {
        const { statusCode: status = 0, headers } = response;
        // Lambda sends the error's type in a header.
        resolve({ status, headers, text: `${headers["x-amzn-errortype"] ?? ""} ${text}` });
      });
    });
    call.end(body);
  });
}

/** Sends a request that each service serves if it comes from a program with the client's key. */
function call(service: Service, headers: Record<string, string | undefined> = {}): Promise<Reply> {
  const calls: Record<Service, Sent> = {
    lambda: { path: `/2015-03-31/functions/${named("echo")}/invocations`, body: "1" },
    dynamodb: {
      headers: { "x-amz-target": "DynamoDB_20120810.GetItem", "content-type": "application/x-amz-json-1.0" },
      body: JSON.stringify({ TableName, Key: { pk: ITEM.pk, sk: ITEM.sk } }),
    },
    s3: { method: "GET", path: `/${Bucket}/blobs/kept` },
    eventbridge: { headers: { "x-amz-target": "AWSEvents.DescribeRule" }, body: JSON.stringify({ Name: "none" }) },
  };
  const usual = { host: `127.0.0.1:${portOf(service)}`, authorization: signed(), "x-amz-date": "20260101T000000Z" };
  const all = { ...usual, ...calls[service].headers, ...headers };
  const given = Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
  return send(service, { ...calls[service], headers: Object.fromEntries(given) });
}

/** Matches the error for unknown callers. */
const STRANGER = /UnrecognizedClientException|InvalidAccessKeyId/;

describe.each(SERVICES)("the embedded %s", (service) => {
  test("an embedded service serves a program with a key", async () => {
    const { status, text } = await call(service);
    expect(text).not.toMatch(STRANGER);
    // The client has no rights to rules.
    expect(status).toBe(service === "eventbridge" ? 400 : 200);
  });

  test("an embedded service listens on loopback only", async () => {
    const others = Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address));
    const elsewhere = [...others.filter((address) => address !== "127.0.0.1"), "127.0.0.2"];
    for (const host of elsewhere) {
      const socket = connect({ host, port: portOf(service) });
      const outcome = await Promise.race([
        once(socket, "connect").then(() => "connected"),
        once(socket, "error").then(() => "refused"),
      ]).catch(() => "refused");
      socket.destroy();
      expect(`${host} ${outcome}`).toBe(`${host} refused`);
    }
  });

  test("an embedded service refuses another Host, such as that of a page whose name resolves to this machine", async () => {
    const port = portOf(service);
    const hosts = [
      "evil.example",
      `evil.example:${port}`,
      "127.0.0.1",
      `127.0.0.1.evil.example:${port}`,
      `127.0.0.1:1`,
    ];
    for (const host of [...hosts, `[::1]:${port}`, `0.0.0.0:${port}`])
      expect(await call(service, { host })).toMatchObject({ text: expect.stringMatching(STRANGER) });
    expect((await call(service, { host: `localhost:${port}` })).text).not.toMatch(STRANGER);
  });

  test("an embedded service refuses every web page, and sends no CORS headers", async () => {
    for (const origin of ["http://evil.example", "null", `http://127.0.0.1:${portOf(service)}`, ""])
      expect(await call(service, { origin })).toMatchObject({ text: expect.stringMatching(STRANGER) });
    const ask = { host: `127.0.0.1:${portOf(service)}`, origin: "http://evil.example" };
    const preflight = { ...ask, "access-control-request-method": "POST" };
    const replies = await Promise.all([
      call(service),
      call(service, ask),
      send(service, { method: "OPTIONS", headers: preflight }),
      send(service, { method: "OPTIONS", headers: { ...preflight, authorization: signed() } }),
    ]);
    for (const { headers } of replies)
      expect(Object.keys(headers).filter((name) => name.startsWith("access-control-"))).toEqual([]);
    expect(replies.slice(2).every(({ status }) => status >= 400)).toBe(true);
  });

  test("an embedded service refuses requests without a key of this cloud", async () => {
    const strangers = [undefined, "", "Bearer x", signed("AKIAIOSFODNN7EXAMPLE"), signed(""), "Credential=", "AWS4"];
    for (const authorization of strangers)
      expect(await call(service, { authorization })).toMatchObject({ text: expect.stringMatching(STRANGER) });
  });
});

test("a key in the URL, as of a presigned request, does not count", async () => {
  const key = cloud.connection.credentials?.accessKeyId;
  const path = `/${Bucket}/blobs/kept?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${key}%2F20260101&X-Amz-Signature=0`;
  const { text } = await send("s3", { method: "GET", path, headers: { host: `127.0.0.1:${portOf("s3")}` } });
  expect(text).toMatch(STRANGER);
});

describe("a caller with a key of its own", () => {
  const put = (body: string, operation = "PutItem") =>
    send("dynamodb", {
      headers: {
        host: `127.0.0.1:${portOf("dynamodb")}`,
        authorization: signed(),
        "x-amz-date": "20260101T000000Z",
        "x-amz-target": `DynamoDB_20120810.${operation}`,
        "content-type": "application/x-amz-json-1.0",
      },
      body,
    });

  test("a caller with a key of its own reaches no table by writing its name differently", async () => {
    const name = named("Theirs");
    const escaped = [...name].map((letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`).join("");
    const item = JSON.stringify(ITEM);
    for (const body of [
      `{"TableName":"${name}","Item":${item}}`,
      `{ "TableName" : "${name}" , "Item" : ${item} }`,
      `{"TableName":"${escaped}","Item":${item}}`,
      `{"TableName":"${TableName}","TableName":"${name}","Item":${item}}`,
      `{"TableName":"${TableName}","\\u0054ableName":"${name}","Item":${item}}`,
    ])
      expect(await put(body)).toMatchObject({ status: 400, text: expect.stringContaining("AccessDeniedException") });
    expect((await put(`{"TableName":"${name}","TableName":"${TableName}","Item":${item}}`)).status).toBe(200);
  });

  test("a caller with a key of its own creates no table", async () => {
    const made = {
      TableName: "New",
      AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
      KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
      BillingMode: "PAY_PER_REQUEST",
    };
    const denied = { status: 400, text: expect.stringContaining("AccessDeniedException") };
    expect(await put(JSON.stringify(made), "CreateTable")).toMatchObject(denied);
  });

  test("a caller with a key of its own reaches no object by writing its path differently", async () => {
    const headers = { host: `127.0.0.1:${portOf("s3")}`, authorization: signed() };
    const put = async (path: string) => (await send("s3", { method: "PUT", path, headers, body: "mine" })).status;
    for (const path of ["secret", "/blobs/kept"])
      expect(`${path} ${await put(`/${Bucket}/${path}`)}`).toBe(`${path} 403`);
    // As on S3, `..` in a key is ordinary text: this is a separate object.
    for (const path of ["blobs/../secret", "blobs/%2e%2e/secret", "blobs%2f..%2fsecret"])
      expect(`${path} ${await put(`/${Bucket}/${path}`)}`).toBe(`${path} 200`);
    for (const [query, status] of [
      ["uploadId=../..&partNumber=1", 404],
      ["partNumber=1&upload%49d=%2e%2e", 404],
      ["partNumber=../x", 501],
      ["uploadId=../x&uploadId=../y&partNumber=1", 400],
    ])
      expect(`${query} ${await put(`/${Bucket}/blobs/x?${query}`)}`).toBe(`${query} ${status}`);
    for (const [bucket, status] of [
      [`${Bucket}%2fblobs%2f..`, 200],
      [`${Bucket}%2fblobs%2f..%2f..%2f${Bucket}`, 400],
      [`%2e%2e%2f${Bucket}`, 403],
    ])
      for (const method of ["PUT", "GET"]) {
        const answer = await send("s3", {
          method,
          path: `/${bucket}/blobs/kept`,
          headers,
          ...(method === "PUT" && { body: "mine" }),
        });
        expect(`${method} ${bucket} ${answer.status}`).toBe(`${method} ${bucket} ${status}`);
      }
    expect((await send("s3", { method: "GET", path: `/${Bucket}/secret`, headers })).status).toBe(403);
    expect((await send("s3", { method: "GET", path: `/${Bucket}/blobs/kept`, headers })).text).toMatch(/kept$/);
    for (const path of [
      `//elsewhere/${Bucket}/secret`,
      `//${Bucket}/secret`,
      `http://s3/${Bucket}/secret`,
      "/%",
      "/%ff/%",
    ])
      expect((await send("s3", { method: "PUT", path, headers, body: "mine" })).status).toBeGreaterThanOrEqual(400);
  });
});

/** Requests that no SDK sends. */
const garbage = fc.record({
  method: fc.constantFrom("GET", "POST", "PUT", "DELETE", "HEAD", "PATCH", "OPTIONS", "PROPFIND", "TRACE"),
  path: fc.oneof(
    fc.webPath().map((path) => `/${path}`),
    fc.constantFrom(
      "/",
      "//",
      "/%",
      "/%00",
      `/${Bucket}`,
      `/${Bucket}?delete`,
      `/${Bucket}/elsewhere?uploads`,
      `/${Bucket}/elsewhere?tagging`,
      `/${Bucket}/blobs/x?uploadId=../..&partNumber=1`,
      "/2015-03-31/functions/%/invocations",
      "/2015-03-31/functions/..%2f..%2f/invocations",
      `/2015-03-31/functions/${named("echo")}/code`,
      "/2015-03-31/functions/",
    ),
  ),
  body: fc.oneof(
    fc.constantFrom(
      "",
      "{",
      "null",
      "[]",
      "0",
      '"',
      "{}",
      '{"TableName":null}',
      '{"RequestItems":[]}',
      "[".repeat(50_000),
    ),
    fc.json(),
    // The client may write to this table, so these reach the store itself.
    fc
      .oneof(
        fc.constantFrom<unknown>(null, [], { pk: null }, { pk: { N: "1e999" }, sk: { S: "" } }, { pk: { M: {} } }),
        fc.jsonValue(),
      )
      .map((Item) => JSON.stringify({ TableName, Item, ConditionExpression: "nonsense (" })),
    unicodeText(),
  ),
  headers: fc.record(
    {
      "x-amz-target": fc.constantFrom(
        "",
        ".",
        "DynamoDB_20120810.",
        "DynamoDB_20120810.PutItem",
        "DynamoDB_20120810.PutItem.",
        "DynamoDB_20120810.TransactWriteItems",
        "DynamoDB_20120810.DeleteTable",
        "AWSEvents.DeleteRule",
        "__proto__.constructor",
      ),
      "content-type": fc.constantFrom(
        "text/plain",
        "application/x-amz-json-1.0",
        "application/xml",
        "multipart/form-data",
      ),
      "x-amz-invocation-type": fc.constantFrom("Event", "None", ""),
      "x-amz-copy-source": fc.constantFrom("/", "../..", `${Bucket}/blobs/kept`),
      "x-amz-client-context": fc.constantFrom("%", "e30="),
      "if-none-match": fc.constantFrom("*", "x"),
      "x-amz-content-sha256": fc.constantFrom("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "UNSIGNED-PAYLOAD", "0"),
      range: fc.constantFrom("bytes=9-1", "bytes=-", "lines=1"),
    },
    { requiredKeys: [] },
  ),
  isSigned: fc.boolean(),
});

test.each(SERVICES)("the embedded %s rejects garbage as such, and it changes nothing", async (service) => {
  await fc.assert(
    fc.asyncProperty(garbage, async ({ isSigned, headers, ...sent }) => {
      const usual = { host: `127.0.0.1:${portOf(service)}`, "x-amz-date": "20260101T000000Z" };
      const all = { ...usual, ...headers, ...(isSigned && { authorization: signed() }) };
      const { status } = await send(service, { ...sent, headers: all });
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(502);
    }),
    { numRuns: 400, seed: 7 },
  );
  const { lambda, dynamodb, s3 } = sdkClients(cloud.connection);
  expect((await lambda.send(new InvokeCommand({ FunctionName: named("echo") }))).StatusCode).toBe(200);
  const { Item } = await dynamodb.send(new GetItemCommand({ TableName, Key: { pk: ITEM.pk, sk: ITEM.sk } }));
  expect(Item).toEqual(ITEM);
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: "blobs/kept" }));
  expect(await Body?.transformToString()).toBe("kept");
});
