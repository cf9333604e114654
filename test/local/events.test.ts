import { Buffer } from "node:buffer";
import { createRequire } from "node:module";
import { PutItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb";
import { InvokeCommand } from "@aws-sdk/client-lambda";
import { buildSync } from "esbuild";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { Cloud } from "../../client/local/cloud.ts";
import { arn, named, sdkClients, startStack } from "./a-stack.ts";

/** Bundles a function that records what it sees in a table, using the real SDK. */
function bundled(body: string): string {
  const result = buildSync({
    stdin: {
      contents: `
        import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
        import { LambdaClient, InvokeCommand } from "@aws-sdk/client-lambda";
        const db = new DynamoDBClient({});
        const lambda = new LambdaClient({});
        const note = (pk, what) => db.send(new PutItemCommand({ TableName: "${named("Notes")}",
          Item: { pk: { S: pk }, sk: { S: Date.now() + crypto.randomUUID() }, what: { S: JSON.stringify(what) } } }));
        export const handler = async (event, context) => { ${body} };`,
      resolveDir: createRequire(import.meta.url)
        .resolve("../../package.json")
        .replace(/package\.json$/, ""),
    },
    bundle: true,
    platform: "node",
    format: "esm",
    write: false,
    logLevel: "silent",
    banner: {
      js: 'import { createRequire as requireOf } from "node:module"; const require = requireOf(import.meta.url);',
    },
  });
  return result.outputFiles[0]?.text ?? "";
}

const noting = [{ Effect: "Allow", Action: "dynamodb:PutItem", Resource: arn("Notes") }];
const failing = bundled(`await note(event.note, event); throw new Error("always")`);
const selfCalling = bundled(
  `await note(event.note, 0);
   const Payload = JSON.stringify({ ...event, left: event.left - 1 });
   if (event.left > 1) await lambda.send(new InvokeCommand({ FunctionName: context.functionName, InvocationType: "Event", Payload }))`,
);
const callItself = (name: string) => ({
  code: selfCalling,
  may: [
    ...noting,
    {
      Effect: "Allow",
      Action: "lambda:InvokeFunction",
      Resource: `arn:aws:lambda:us-east-1:000000000000:function:${named(name)}`,
    },
  ],
});

let cloud: Cloud;
let clients: ReturnType<typeof sdkClients>;
beforeAll(async () => {
  cloud = await startStack(
    {
      tables: ["Notes"],
      functions: {
        works: { code: bundled("await note(event.note, event)"), may: noting },
        fails: { code: failing, may: noting },
        reports: {
          code: failing,
          may: [...noting, { Effect: "Allow", Action: "lambda:InvokeFunction", Resource: arn("hears") }],
          events: { MaximumRetryAttempts: 0, DestinationConfig: { OnFailure: { Destination: arn("hears") } } },
        },
        mayNotReport: {
          code: failing,
          may: noting,
          events: { MaximumRetryAttempts: 0, DestinationConfig: { OnFailure: { Destination: arn("hears") } } },
        },
        crashes: {
          code: "export const handler = async () => process.exit(7)",
          may: [{ Effect: "Allow", Action: "lambda:InvokeFunction", Resource: arn("hears") }],
          events: { MaximumRetryAttempts: 0, DestinationConfig: { OnFailure: { Destination: arn("hears") } } },
        },
        engines: {
          code: "export const engine = () => new Promise((done) => setTimeout(done, 600_000));",
          handler: "index.engine",
          may: [{ Effect: "Allow", Action: "lambda:InvokeFunction", Resource: arn("hears") }],
          properties: { Timeout: 900 },
          events: { MaximumRetryAttempts: 0, DestinationConfig: { OnFailure: { Destination: arn("hears") } } },
        },
        hears: { code: bundled(`await note("heard " + event.requestPayload.note, event)`), may: noting },
        alone: {
          code: bundled("await new Promise((done) => setTimeout(done, event.ms)); await note(event.note, event)"),
          may: noting,
          properties: { ReservedConcurrentExecutions: 1 },
        },
        ages: {
          code: bundled("await new Promise((done) => setTimeout(done, event.ms))"),
          may: [{ Effect: "Allow", Action: "lambda:InvokeFunction", Resource: arn("hears") }],
          properties: { ReservedConcurrentExecutions: 1 },
          events: { MaximumEventAgeInSeconds: 1, DestinationConfig: { OnFailure: { Destination: arn("hears") } } },
        },
        off: {
          code: bundled(""),
          may: [{ Effect: "Allow", Action: "lambda:InvokeFunction", Resource: arn("hears") }],
          properties: { ReservedConcurrentExecutions: 0 },
          events: { DestinationConfig: { OnFailure: { Destination: arn("hears") } } },
        },
        recurses: callItself("recurses"),
        recursesFreely: { ...callItself("recursesFreely"), properties: { RecursiveLoop: "Allow" } },
        ticks: { code: bundled("await note(event.note, event)"), may: noting },
      },
      rules: { ticks: JSON.stringify({ note: "tick" }) },
    },
    { tuning: { eventDelays: { retryMs: 5, throttleMs: 5 }, ruleEveryMs: 100 } },
  );
  clients = sdkClients(cloud.connection);
});
afterAll(() => cloud.close());

async function send(name: string, event: Record<string, unknown>): Promise<void> {
  const { StatusCode } = await clients.lambda.send(
    new InvokeCommand({ FunctionName: named(name), InvocationType: "Event", Payload: JSON.stringify(event) }),
  );
  expect(StatusCode).toBe(202);
}

async function notes(note: string): Promise<Record<string, unknown>[]> {
  const { Items = [] } = await clients.dynamodb.send(
    new QueryCommand({
      TableName: named("Notes"),
      KeyConditionExpression: "pk = :pk",
      ExpressionAttributeValues: { ":pk": { S: note } },
      ConsistentRead: true,
    }),
  );
  return Items.map(({ what: label }) => JSON.parse(label?.S ?? "null"));
}

const PATIENCE = { timeout: 20_000, interval: 20 };

/** Waits until there are `count` notes. */
const untilNoted = (note: string, count: number) =>
  vi.waitFor(async () => expect((await notes(note)).length).toBeGreaterThanOrEqual(count), PATIENCE);

test("an event is accepted at once and delivered once", async () => {
  await send("works", { note: "once", value: 1 });
  await untilNoted("once", 1);
  expect(await notes("once")).toEqual([{ note: "once", value: 1 }]);
});

test("a failed event is retried twice", async () => {
  await send("fails", { note: "thrice" });
  await untilNoted("thrice", 3);
  await send("works", { note: "after thrice" });
  await untilNoted("after thrice", 1);
  expect(await notes("thrice")).toHaveLength(3);
});

test("an event that failed finally is reported to the on-failure destination, in AWS's format", async () => {
  await send("reports", { note: "told", value: 2 });
  await untilNoted("heard told", 1);
  expect(await notes("told")).toHaveLength(1);
  const [record] = await notes("heard told");
  expect(record).toEqual({
    version: "1.0",
    timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    requestContext: {
      requestId: expect.any(String),
      functionArn: `arn:aws:lambda:us-east-1:000000000000:function:${named("reports")}:$LATEST`,
      condition: "RetriesExhausted",
      approximateInvokeCount: 1,
    },
    requestPayload: { note: "told", value: 2 },
    responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
    responsePayload: { errorType: "Error", errorMessage: "always", trace: expect.any(Array) },
  });
});

test("a crash is reported to the on-failure destination with the way in which the process ended", async () => {
  await send("crashes", { note: "crashed" });
  await untilNoted("heard crashed", 1);
  const [record] = await notes("heard crashed");
  expect(record).toMatchObject({
    responsePayload: { errorType: "Runtime.ExitError", errorMessage: expect.stringMatching(/exit status 7$/) },
  });
});

test("a destination that the function's role may not invoke gets no record, and the log says why", async () => {
  await send("mayNotReport", { note: "untold" });
  await vi.waitFor(
    async () =>
      expect(await cloud.logs(named("mayNotReport"))).toMatch(/not delivered: .*Test-mayNotReportRole may not/),
    PATIENCE,
  );
  expect(await notes("heard untold")).toEqual([]);
});

test("a throttled event waits, and throttling uses up no attempt", async () => {
  await Promise.all([1, 2, 3].map((value) => send("alone", { note: "alone", value, ms: 50 })));
  await untilNoted("alone", 3);
  expect((await notes("alone")).map(({ value }) => value).sort()).toEqual([1, 2, 3]);
});

test("an event for a function with a concurrency of 0 is discarded at once", async () => {
  await send("off", { note: "off" });
  await untilNoted("heard off", 1);
  expect((await notes("heard off"))[0]).toMatchObject({
    requestContext: { condition: "ZeroReservedConcurrency", approximateInvokeCount: 0 },
  });
});

test("an event that gets too old is reported to the on-failure destination as one that never ran", async () => {
  await send("ages", { note: "first", ms: 2_000 });
  await send("ages", { note: "old", ms: 0 });
  await untilNoted("heard old", 1);
  const [record] = await notes("heard old");
  expect(record).toMatchObject({ requestContext: { condition: "EventAgeExceeded", approximateInvokeCount: 0 } });
  expect(record).not.toHaveProperty("responsePayload");
});

test("a function that calls itself is stopped after sixteen hops, unless it is allowed to", async () => {
  await send("recurses", { note: "cut", left: 24 });
  await send("recursesFreely", { note: "free", left: 24 });
  await untilNoted("free", 24);
  await vi.waitFor(
    async () => expect(await cloud.logs(named("recurses"))).toMatch(/dropped: .* more than 16 times/),
    PATIENCE,
  );
  expect(await notes("cut")).toHaveLength(16);
});

test("a rule sends its input again and again", async () => {
  await untilNoted("tick", 2);
  expect((await notes("tick"))[0]).toEqual({ note: "tick" });
});

test("the environment that runs an engine is killed by the engine's number, and no other", async () => {
  for (const engine of [1, 2]) await send("engines", { note: `engine ${engine}`, engine });
  const atWork = async () =>
    (await cloud.faults.environments()).filter(({ label, busy }) => label === "engine" && busy);
  await vi.waitFor(async () => expect((await atWork()).map(({ engine }) => engine).sort()).toEqual([1, 2]), PATIENCE);
  const victim = (await atWork()).find(({ engine }) => engine === 2);
  expect(await cloud.faults.killEngine(2)).toEqual([victim?.pid]);
  await untilNoted("heard engine 2", 1);
  expect((await notes("heard engine 2"))[0]).toMatchObject({
    requestPayload: { engine: 2 },
    responsePayload: { errorType: "Runtime.ExitError", errorMessage: expect.stringMatching(/signal: killed$/) },
  });
  expect((await atWork()).map(({ engine }) => engine)).toEqual([1]);
  expect(await cloud.faults.killEngine(2)).toEqual([]);
  expect(await cloud.faults.killEngine()).toHaveLength(1);
});

test("faults lose, double and delay events", async () => {
  await cloud.faults.dropEvents(named("works"));
  await send("works", { note: "lost" });
  await cloud.faults.doubleEvents(named("works"));
  await send("works", { note: "doubled" });
  await untilNoted("doubled", 2);
  await cloud.faults.delayEvents(named("works"), 300);
  await send("works", { note: "late" });
  await cloud.faults.delayEvents(named("works"), 0);
  await send("works", { note: "early" });
  await untilNoted("early", 1);
  expect(await notes("late")).toEqual([]);
  await untilNoted("late", 1);
  expect(await notes("lost")).toEqual([]);
  expect(await notes("doubled")).toHaveLength(2);
});

test("with a lost answer, the function has run and the caller gets none", async () => {
  await cloud.faults.loseAnswers(named("works"));
  const call = new InvokeCommand({ FunctionName: named("works"), Payload: JSON.stringify({ note: "unanswered" }) });
  await expect(clients.lambda.send(call)).rejects.toThrow();
  expect(await notes("unanswered")).toHaveLength(1);
  // With the SDK's retries, which the other clients here disable, the call succeeds.
  await cloud.faults.loseAnswers(named("works"));
  expect(await sdkClients(cloud.connection, 3).lambda.send(call)).toMatchObject({ StatusCode: 200 });
  expect(await notes("unanswered")).toHaveLength(3);
});

test("the meter counts invocations by function, and calls by caller", async () => {
  await cloud.resetMeter();
  await clients.lambda.send(
    new InvokeCommand({ FunctionName: named("works"), Payload: JSON.stringify({ note: "counted" }) }),
  );
  await clients.dynamodb.send(
    new PutItemCommand({ TableName: named("Notes"), Item: { pk: { S: "x" }, sk: { S: "x" } } }),
  );
  const { traffic, invocations } = await cloud.meter();
  expect(invocations.handler).toMatchObject({ requestResponse: 1, errors: 0, throttled: 0 });
  expect(invocations.handler?.gbSeconds).toBeGreaterThan(0);
  expect(traffic.lambda.client).toMatchObject({ calls: 1, requestBytes: Buffer.byteLength('{"note":"counted"}') });
  expect(traffic.dynamodb.client).toMatchObject({ calls: 1, operations: { PutItem: 1 }, writeUnits: 1 });
  expect(traffic.dynamodb.handler?.operations.PutItem).toBeGreaterThanOrEqual(1);
});
