import { mkdtempSync, rmSync } from "node:fs";
import type { Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  DescribeRuleCommand,
  DisableRuleCommand,
  EnableRuleCommand,
  EventBridgeClient,
  PutEventsCommand,
} from "@aws-sdk/client-eventbridge";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { EventRules, type EventRulesParts } from "../../client/local/events/event-rules.ts";
import { EventsEndpoint } from "../../client/local/events/events-endpoint.ts";
import { TrafficMeter } from "../../client/local/requests/meter.ts";
import { Principals } from "../../client/local/requests/principals.ts";
import { listenOnLoopback } from "../../client/local/requests/request-guard.ts";
import type { RuleSpec } from "../../client/local/stack/deployment.ts";

const arn = (name: string) => `arn:aws:events:us-east-1:000000000000:rule/${name}`;
const rule = (name: string, isEnabled: boolean): RuleSpec => ({
  ...{ name, arn: arn(name), isEnabled, everyMs: 60_000 },
  targets: [{ functionArn: "swept", input: '{"type":"sweep"}' }],
});
const keys = { secretAccessKey: "secret", label: "scheduler", arn: "arn:aws:sts::000000000000:assumed-role/r/s" };
const allow = (...actions: string[]) => [{ effect: "Allow" as const, actions, resources: [arn("sweep")] }];
const principals = new Principals([
  { ...keys, accessKeyId: "SCHEDULER", statements: allow("events:*Rule") },
  { ...keys, accessKeyId: "REPORT", label: "report", statements: allow("events:EnableRule") },
]);

const started: { server?: Server; clients: EventBridgeClient[]; folder: string } = { clients: [], folder: "" };
const fired: string[] = [];
const service = {
  find: (name: string) => ({ accept: ({ payload }: { payload: Buffer }) => fired.push(`${name} ${payload}`) }),
} as unknown as EventRulesParts["service"];
const meter = new TrafficMeter();
let rules: EventRules;
let port = 0;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  started.folder = mkdtempSync(join(tmpdir(), "fantail-rules-"));
  rules = restarted();
  const server = new EventsEndpoint({ rules, principals, meter, port: () => port }).server();
  port = await listenOnLoopback(server);
  started.server = server;
});
afterEach(() => {
  rules.close();
  vi.useRealTimers();
  started.server?.close();
  for (const client of started.clients.splice(0)) client.destroy();
  rmSync(started.folder, { recursive: true, force: true });
  fired.length = 0;
  meter.reset();
});

function restarted(): EventRules {
  const specs = [rule("sweep", false), rule("other", true)];
  return new EventRules({ rules: specs, service, file: join(started.folder, "rules.json") });
}

function clientAs(accessKeyId: string): EventBridgeClient {
  const client = new EventBridgeClient({
    region: "us-east-1",
    endpoint: `http://127.0.0.1:${port}`,
    credentials: { accessKeyId, secretAccessKey: "secret" },
    maxAttempts: 1,
  });
  started.clients.push(client);
  return client;
}

const sweep = { Name: "sweep" };

test("a rule fires at its rate while it is enabled, and a second enable changes nothing", async () => {
  const client = clientAs("SCHEDULER");
  vi.advanceTimersByTime(120_000);
  expect(fired).toHaveLength(2);
  expect(await client.send(new DescribeRuleCommand(sweep))).toMatchObject({ ...sweep, State: "DISABLED" });
  await client.send(new EnableRuleCommand(sweep));
  expect(await client.send(new DescribeRuleCommand(sweep))).toMatchObject({ ...sweep, State: "ENABLED" });
  fired.length = 0;
  vi.advanceTimersByTime(40_000);
  await client.send(new EnableRuleCommand(sweep));
  vi.advanceTimersByTime(20_000);
  expect(fired).toEqual(['swept {"type":"sweep"}', 'swept {"type":"sweep"}']);
  await client.send(new DisableRuleCommand(sweep));
  await client.send(new DisableRuleCommand(sweep));
  fired.length = 0;
  vi.advanceTimersByTime(60_000);
  expect(fired).toHaveLength(1);
  expect(meter.read().scheduler?.operations).toEqual({ DescribeRule: 2, EnableRule: 2, DisableRule: 2 });
});

test("a rule's state outlives the cloud if its tables do too", async () => {
  const client = clientAs("SCHEDULER");
  await client.send(new EnableRuleCommand(sweep));
  rules.close();
  const again = restarted();
  expect(again.all().map(({ name, isEnabled }) => [name, isEnabled])).toEqual([
    ["sweep", true],
    ["other", true],
  ]);
  again.close();
});

test("a caller without permission is refused as by AWS, and so is an unknown rule", async () => {
  const refused = (name: string, message = "") =>
    expect.objectContaining({ name, message: expect.stringContaining(message) });
  await clientAs("REPORT").send(new EnableRuleCommand(sweep));
  await expect(clientAs("REPORT").send(new DisableRuleCommand(sweep))).rejects.toEqual(
    refused("AccessDeniedException", "is not authorized to perform: events:DisableRule on resource: arn:aws:events"),
  );
  await expect(clientAs("SCHEDULER").send(new DisableRuleCommand({ Name: "other" }))).rejects.toEqual(
    refused("AccessDeniedException"),
  );
  await expect(clientAs("STRANGER").send(new EnableRuleCommand(sweep))).rejects.toEqual(
    refused("UnrecognizedClientException"),
  );
  await expect(clientAs("SCHEDULER").send(new PutEventsCommand({ Entries: [] }))).rejects.toEqual(
    refused("UnknownOperationException"),
  );
  const origin = await fetch(`http://127.0.0.1:${port}`, {
    method: "POST",
    headers: {
      origin: "http://a.page",
      authorization: "Credential=SCHEDULER/",
      "x-amz-target": "AWSEvents.EnableRule",
    },
    body: JSON.stringify(sweep),
  });
  expect(origin.status).toBe(400);
  expect(rules.all()[0]).toMatchObject({ name: "sweep", isEnabled: true });
});
