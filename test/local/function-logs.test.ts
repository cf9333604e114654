import { appendFileSync, mkdtempSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FileLogs } from "../../client/commands/file-logs.ts";
import { kindOf } from "../../client/commands/function-kind.ts";
import { isWanted, patternOf, shownLine } from "../../client/commands/log-line.ts";
import { StackLogs } from "../../client/commands/stack-logs.ts";
import { withStreams } from "../../client/commands/terminal.ts";

const JOB = "01JD0000000000000000000000";
const OTHER = "01JD0000000000000000000001";

const isScheduler = (name: string) => kindOf(name) === "scheduler";

function aLine(fields: object): string {
  return JSON.stringify({ time: "2026-11-30T12:00:00.000Z", level: "warn", event: "session-revoked", ...fields });
}

test("lines are selected by job, by task or a range with the task, and by engine", () => {
  const line = aLine({ job: JOB, tasks: [[2, 5]], engine: 7 });
  expect(isWanted(line, { job: JOB, engine: 7 })).toBe(true);
  expect(isWanted(line, { task: `${JOB}.4` })).toBe(true);
  for (const other of [{ job: OTHER }, { task: `${JOB}.5` }, { task: `${OTHER}.3` }, { engine: 0 }])
    expect(isWanted(line, other)).toBe(false);
  expect(isWanted(aLine({ jobs: [OTHER, JOB] }), { job: JOB })).toBe(true);
  expect(isWanted(aLine({ task: `${JOB}.4` }), { task: `${JOB}.4` })).toBe(true);
  expect(isWanted("REPORT RequestId: 1", {})).toBe(true);
  expect(isWanted("REPORT RequestId: 1", { engine: 1 })).toBe(false);
});

test("a reader sees the fields of a line as words, and no control characters", async () => {
  const streams = { stdout: { write: () => {} }, stderr: { write: () => {} } };
  const line = aLine({ job: JOB, reason: "it \u001b[31m stopped", tasks: [[0, 2]] });
  await withStreams(streams, async () =>
    expect(shownLine(line)).toEqual({
      safe: `2026-11-30T12:00:00.000Z warn  session-revoked job=${JOB} tasks=[[0,2]] reason="it \\u001b[31m stopped"`,
    }),
  );
});

test("of files, the last lines are shown first, then each new line once it is complete", async () => {
  const folder = mkdtempSync(join(tmpdir(), "fantail-logs-"));
  const file = join(folder, "FantailSchedulerFunction1.log");
  writeFileSync(file, "one\ntwo\nthree\nfo");
  const logs = new FileLogs(folder, { lines: 2, hasFunction: isScheduler, hasLine: () => true });
  const found = (...lines: string[]) => [{ function: "FantailSchedulerFunction1", lines }];
  expect(await logs.recent()).toEqual(found("two", "three"));
  expect(await logs.next()).toEqual([]);
  appendFileSync(file, "ur\nfive: ");
  writeFileSync(join(folder, "FantailEngineaFunction1.log"), "of an engine\n");
  expect(await logs.next()).toEqual(found("four"));
  appendFileSync(file, Buffer.from("ü\n"));
  expect(await logs.next()).toEqual(found("five: ü"));
});

const closing: (() => void)[] = [];
beforeEach(() => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret");
  vi.stubEnv("AWS_SESSION_TOKEN", undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
  for (const close of closing.splice(0)) close();
});

/** A member of CloudFormation's list of resources. */
function aResource(type: string, id: string, name: string): string {
  return `<member><ResourceType>${type}</ResourceType><LogicalResourceId>${id}</LogicalResourceId><PhysicalResourceId>${name}</PhysicalResourceId></member>`;
}

const aGroup = (id: string, name: string) => aResource("AWS::Logs::LogGroup", id, name);
const GROUPS = [
  [aGroup("FantailReportLog01234567", "Fantail-ReportLog1")],
  [aGroup("FantailSchedulerLog01234567", "Fantail-SchedulerLog1")],
];

/** Answers a call of CloudFormation: with a page of the stack's resources, or with its outputs. */
function stackAnswer(query: URLSearchParams, pages: string[][], outputs: Record<string, string>): string {
  const action = query.get("Action") ?? "";
  const page = Number(query.get("NextToken") ?? 0);
  const next = page + 1 < pages.length ? `<NextToken>${page + 1}</NextToken>` : "";
  const members = Object.entries(outputs).map(
    ([key, value]) => `<member><OutputKey>${key}</OutputKey><OutputValue>${value}</OutputValue></member>`,
  );
  const content =
    action === "ListStackResources"
      ? `<StackResourceSummaries>${pages[page]?.join("")}</StackResourceSummaries>${next}`
      : `<Stacks><member><Outputs>${members.join("")}</Outputs></member></Stacks>`;
  return `<${action}Response><${action}Result>${content}</${action}Result></${action}Response>`;
}

/** Serves CloudFormation's answers about a stack, and answers calls of CloudWatch in order. */
async function anEndpoint(
  answers: [status: number, body: object][],
  { pages = GROUPS, outputs = {} }: { pages?: string[][]; outputs?: Record<string, string> } = {},
) {
  const calls: { authorization: string | undefined; body: Record<string, unknown> }[] = [];
  const server = createServer(async (request, response) => {
    const body = await text(request);
    if (request.headers["x-amz-target"] === undefined)
      return response.end(stackAnswer(new URLSearchParams(body), pages, outputs));
    calls.push({ authorization: request.headers.authorization, body: JSON.parse(body) });
    const [status, answer] = answers[calls.length - 1] ?? [500, {}];
    response.statusCode = status;
    return response.end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => server.close());
  const { port } = server.address() as AddressInfo;
  return { calls, place: { stack: "Fantail", region: "eu-west-1", endpoint: `http://127.0.0.1:${port}` } };
}

test("of a stack, CloudWatch is asked with a signature, page by page, and each event is shown once", async () => {
  const event = (eventId: string, timestamp: number, message: string) => ({ eventId, timestamp, message });
  const first = event("1", 90_000, aLine({ job: JOB }));
  const { calls, place } = await anEndpoint([
    [200, { events: [first], nextToken: "more" }],
    [200, { events: [event("2", 100_000, `${aLine({ jobs: [JOB] })}\n`), event("3", 100_001, `about ${JOB}`)] }],
    [200, { events: [event("1", 90_000, "known"), event("4", 101_000, aLine({ job: JOB, engine: 1 }))] }],
  ]);
  const filter = { job: JOB };
  const logs = await StackLogs.open(
    place,
    { lines: 10, hasFunction: isScheduler, hasLine: (line) => isWanted(line, filter), pattern: patternOf(filter) },
    5,
  );
  const found = (...lines: string[]) => [{ function: "Fantail-SchedulerLog1", lines }];
  expect(await logs.recent()).toEqual(found(aLine({ job: JOB }), aLine({ jobs: [JOB] })));
  expect(await logs.next()).toEqual(found(aLine({ job: JOB, engine: 1 })));
  const asked = { logGroupName: "Fantail-SchedulerLog1", filterPattern: `"${JOB}"` };
  expect(calls.map(({ body }) => body)).toEqual([
    { ...asked, startTime: 5 },
    { ...asked, startTime: 5, nextToken: "more" },
    { ...asked, startTime: 85_001 },
  ]);
  expect(calls[0]?.authorization).toMatch(
    /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-west-1\/logs\/aws4_request, SignedHeaders=[^,]*host[^,]*, Signature=[0-9a-f]{64}$/,
  );
});

test("events without an id, as MiniStack gives them, are shown once too", async () => {
  const events = ["a", "b", "a"].map((message, at) => ({ logStreamName: "s", timestamp: 100_000 + at, message }));
  const { place } = await anEndpoint([
    [200, { events }],
    [200, { events: [...events, { timestamp: 100_003, message: "c" }] }],
  ]);
  const wanted = { lines: 10, hasFunction: isScheduler, hasLine: () => true };
  const logs = await StackLogs.open(place, wanted, 0);
  expect((await logs.recent()).flatMap(({ lines }) => lines)).toEqual(["a", "b", "a"]);
  expect((await logs.next()).flatMap(({ lines }) => lines)).toEqual(["c"]);
});

test("if CloudWatch refuses a call, the message says which log group and which right are concerned", async () => {
  const fault = { __type: "com.amazonaws#AccessDeniedException", message: "not authorized" };
  const { place } = await anEndpoint([[400, fault]]);
  const logs = await StackLogs.open(place, { lines: 10, hasFunction: () => true, hasLine: () => true }, 0);
  await expect(logs.recent()).rejects.toThrow(
    /stack Fantail: .*Fantail-ReportLog1 could not be read: AccessDeniedException: not authorized.*logs:FilterLogEvents/,
  );
});

/** The resources and outputs of a cell whose logical ids start with `path`. */
function aCell(path: string, tenant: string, pool: string) {
  const engine = `${path}Engine${pool.replace("-", "")}Log`;
  const groups = [`${path}SchedulerLog`, `${path}ReportLog`, engine].map((id) => aGroup(`${id}89ABCDEF`, `S-${id}1`));
  const outputs = {
    SchedulerFunction: `${path}-function`,
    TaskTable: "t",
    EngineTable: "e",
    BlobBucket: "b",
    Scheme: "leastload",
    Hwm: "adaptive",
    Pools: JSON.stringify([{ name: pool, count: 1, memoryMb: 512, timeoutSeconds: 900 }]),
  };
  return {
    resources: [aResource("AWS::Lambda::Function", `${path}SchedulerFunction0A1B2C3D`, `${path}-function`), ...groups],
    outputs: Object.fromEntries(Object.entries(outputs).map(([key, value]) => [`Tenant${tenant}${key}`, value])),
    groups: [engine, `${path}ReportLog`, `${path}SchedulerLog`].map((id) => `S-${id}1`),
  };
}

test("of a tenant, only the functions of its cell are read, also if another's name begins with the same letters", async () => {
  const cells = [
    aCell("Tenantacme", "acme", "big-one"),
    aCell("TenantacmeScheduler", "acmeScheduler", "default"),
    aCell("Own", "own", "xLog"),
  ];
  const pages = cells.map(({ resources }) => resources.map((text) => text.replace("xLogLog", "xLog")));
  const outputs = Object.assign({}, ...cells.map((cell) => cell.outputs));
  const wanted = { lines: 10, hasFunction: () => true, hasLine: () => true };
  const { place } = await anEndpoint(Array(20).fill([200, { events: [] }]), { pages, outputs });
  const groupsOf = async (tenant?: string) => {
    const logs = await StackLogs.open({ ...place, ...(tenant !== undefined && { tenant }) }, wanted, 0);
    return (await logs.recent()).map((log) => log.function);
  };
  expect(await groupsOf("acme")).toEqual(cells[0]?.groups);
  expect(await groupsOf("acmeScheduler")).toEqual(cells[1]?.groups);
  expect(await groupsOf("own")).toHaveLength(3);
  expect(await groupsOf()).toHaveLength(9);
  await expect(groupsOf("globex")).rejects.toMatchObject({
    exitCode: 12,
    message: expect.stringContaining("it has no tenant globex; tenants are acme, acmeScheduler, own"),
  });
});
