import { Buffer } from "node:buffer";
import { request } from "node:http";
import { availableParallelism } from "node:os";
import { InvokeCommand, type InvokeCommandInput, type InvokeCommandOutput } from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Cloud } from "../../client/local/cloud.ts";
import { arn, named, sdkClients, startStack } from "./a-stack.ts";

const handler = (body: string) => `export const handler = async (event, context) => { ${body} };`;
const MB = 1024 * 1024;

let cloud: Cloud;
let lambda: ReturnType<typeof sdkClients>["lambda"];
beforeAll(async () => {
  cloud = await startStack({
    functions: {
      echo: { code: handler("return event") },
      context: {
        code: handler(
          `return { context: { ...context, left: context.getRemainingTimeInMillis() }, env: process.env, cwd: process.cwd(), pid: process.pid }`,
        ),
        properties: { Environment: { Variables: { OWN: "value" } }, Timeout: 7 },
      },
      throws: { code: handler("throw new RangeError('too far')") },
      throwsText: { code: handler("throw 'boom'") },
      exits: { code: handler("process.exit(event.code)") },
      rejectsUnseen: { code: handler("Promise.reject(new Error('unseen')); await new Promise(() => {})") },
      loops: { code: handler("for (;;);"), properties: { Timeout: 1 } },
      grows: {
        code: handler("const held = []; for (;;) { held.push(Buffer.alloc(8e6, 1)); await new Promise(setImmediate) }"),
        properties: { MemorySize: 128 },
      },
      large: { code: handler("return 'x'.repeat(event.characters)") },
      logs: { code: handler("console.log('written by', event.who); return 1") },
      unbundled: { code: `import fc from "fast-check"; ${handler("return fc !== undefined")}` },
      broken: { code: "throw new TypeError('broken module')" },
      noHandler: { code: "export const other = 1;" },
      alone: {
        code: handler("await new Promise((done) => setTimeout(done, event.ms)); return process.pid"),
        properties: { ReservedConcurrentExecutions: 1 },
      },
      isolated: {
        code: handler("return [context.tenantId, process.pid]"),
        properties: { TenancyConfig: { TenantIsolationMode: "PER_TENANT" } },
      },
      nested: {
        code: handler(`
          if (event.depth === 0) return 0;
          const { AWS_ENDPOINT_URL_LAMBDA, AWS_ACCESS_KEY_ID } = process.env;
          const answer = await fetch(AWS_ENDPOINT_URL_LAMBDA + "/2015-03-31/functions/" + context.functionName + "/invocations", {
            method: "POST", body: JSON.stringify({ depth: event.depth - 1 }),
            headers: { authorization: "AWS4-HMAC-SHA256 Credential=" + AWS_ACCESS_KEY_ID + "/" } });
          return 1 + await answer.json()`),
        may: [{ Effect: "Allow", Action: "lambda:InvokeFunction", Resource: "*" }],
        properties: { Timeout: 60 },
      },
      caller: {
        code: handler(`
          const { AWS_ENDPOINT_URL_LAMBDA, AWS_ACCESS_KEY_ID } = process.env;
          const answer = await fetch(AWS_ENDPOINT_URL_LAMBDA + "/2015-03-31/functions/" + event.name + "/invocations", {
            method: "POST", body: "{}", headers: { authorization: "AWS4-HMAC-SHA256 Credential=" + AWS_ACCESS_KEY_ID + "/" } });
          return { status: answer.status, type: answer.headers.get("x-amzn-errortype"), body: await answer.json() }`),
        may: [{ Effect: "Allow", Action: "lambda:InvokeFunction", Resource: arn("echo") }],
      },
    },
  });
  lambda = sdkClients(cloud.connection).lambda;
});
afterAll(() => cloud.close());

function invoke(
  name: string,
  event: unknown = {},
  input: Partial<InvokeCommandInput> = {},
): Promise<InvokeCommandOutput> {
  return lambda.send(new InvokeCommand({ FunctionName: named(name), Payload: JSON.stringify(event), ...input }));
}
const answerOf = ({ Payload }: InvokeCommandOutput) => JSON.parse(Buffer.from(Payload ?? []).toString());

test("an invocation returns the handler's result", async () => {
  const event = { text: "grün", deep: [{ n: 1.5 }], nothing: null };
  const output = await invoke("echo", event);
  expect(output).toMatchObject({ StatusCode: 200, ExecutedVersion: "$LATEST" });
  expect(output.FunctionError).toBeUndefined();
  expect(answerOf(output)).toEqual(event);
});

test("a function is found by its ARN too", async () => {
  const FunctionName = `arn:aws:lambda:us-east-1:000000000000:function:${named("echo")}`;
  expect(answerOf(await invoke("echo", 7, { FunctionName }))).toBe(7);
});

test("a handler gets its identity and location, and nothing of the user's environment", async () => {
  process.env.OF_THE_USER = "secret";
  const { context, env, cwd } = answerOf(await invoke("context"));
  expect(context).toMatchObject({
    functionName: named("context"),
    functionVersion: "$LATEST",
    memoryLimitInMB: "512",
    invokedFunctionArn: `arn:aws:lambda:us-east-1:000000000000:function:${named("context")}`,
    awsRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
  });
  expect(context.left).toBeGreaterThan(5_000);
  expect(context.left).toBeLessThanOrEqual(7_000);
  expect(env).toMatchObject({
    OWN: "value",
    AWS_LAMBDA_FUNCTION_NAME: named("context"),
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "512",
    AWS_REGION: "us-east-1",
    LAMBDA_TASK_ROOT: cwd,
    AWS_ENDPOINT_URL_DYNAMODB: cloud.connection.endpoints?.dynamodb,
  });
  expect(env).not.toHaveProperty("OF_THE_USER");
  expect(env.AWS_ACCESS_KEY_ID).not.toBe(cloud.connection.credentials?.accessKeyId);
});

test("an environment is reused for the next invocation", async () => {
  const first = answerOf(await invoke("context"));
  const second = answerOf(await invoke("context"));
  expect(second.pid).toBe(first.pid);
  expect(second.context.awsRequestId).not.toBe(first.context.awsRequestId);
});

test("a thrown error is a function error with its type, message and trace", async () => {
  const output = await invoke("throws");
  expect(output).toMatchObject({ StatusCode: 200, FunctionError: "Unhandled" });
  const { errorType, errorMessage, trace } = answerOf(output);
  expect({ errorType, errorMessage }).toEqual({ errorType: "RangeError", errorMessage: "too far" });
  expect(trace[0]).toBe("RangeError: too far");
  expect(answerOf(await invoke("throwsText"))).toEqual({ errorType: "string", errorMessage: "boom", trace: [] });
});

test("a process that exits is reported with its status, and the next invocation gets a new one", async () => {
  const output = await invoke("exits", { code: 3 });
  expect(output.FunctionError).toBe("Unhandled");
  expect(answerOf(output)).toEqual({
    errorType: "Runtime.ExitError",
    errorMessage: expect.stringMatching(/^RequestId: \S+ Error: Runtime exited with error: exit status 3$/),
  });
  expect(answerOf(await invoke("exits", { code: 0 })).errorMessage).toMatch(
    /Runtime exited without providing a reason$/,
  );
});

test("an unhandled rejection ends the process, as it does under Lambda's runtime for Node 24", async () => {
  expect(answerOf(await invoke("rejectsUnseen"))).toMatchObject({
    errorType: "Runtime.ExitError",
    errorMessage: expect.stringMatching(/Runtime exited with error: exit status 1$/),
  });
});

test("a handler in an endless loop is killed at its time-out", async () => {
  const output = await invoke("loops");
  expect(output.FunctionError).toBe("Unhandled");
  expect(answerOf(output).errorMessage).toMatch(/Task timed out after 1\.00 seconds$/);
  const left = (await cloud.faults.environments()).filter((one) => one.function === named("loops"));
  expect(left).toEqual([]);
});

test("a process that exceeds its memory is killed as out of memory", async () => {
  expect(answerOf(await invoke("grows"))).toMatchObject({
    errorType: "Runtime.OutOfMemory",
    errorMessage: expect.stringMatching(/signal: killed$/),
  });
});

test("a module that cannot be loaded fails each invocation with the reason", async () => {
  for (let time = 0; time < 2; time++)
    expect(answerOf(await invoke("broken"))).toMatchObject({ errorMessage: "broken module" });
  expect(answerOf(await invoke("noHandler")).errorMessage).toMatch("index.handler is undefined or not exported");
});

test("code runs where it cannot load the project's packages", async () => {
  const output = await invoke("unbundled");
  expect(output.FunctionError).toBe("Unhandled");
  expect(answerOf(output).errorMessage).toMatch("Cannot find package 'fast-check'");
});

test("requests and answers over six megabytes are refused", async () => {
  const limit = 6 * MB;
  expect(answerOf(await invoke("large", { characters: limit - 2 }))).toHaveLength(limit - 2);
  expect(answerOf(await invoke("large", { characters: limit - 1 }))).toMatchObject({
    errorType: "Function.ResponseSizeTooLarge",
  });
  await expect(invoke("echo", "x".repeat(limit - 1))).rejects.toMatchObject({ name: "RequestTooLargeException" });
  expect((await invoke("echo", "x".repeat(limit - 2))).FunctionError).toBeUndefined();
});

test("an event over one megabyte is refused", async () => {
  const event = (bytes: number) => invoke("echo", "x".repeat(bytes - 2), { InvocationType: "Event" });
  expect(await event(MB)).toMatchObject({ StatusCode: 202 });
  await expect(event(MB + 1)).rejects.toMatchObject({ name: "RequestTooLargeException" });
});

test("an event that is not JSON is refused, waited for or not", async () => {
  for (const InvocationType of ["RequestResponse", "Event"] as const)
    await expect(invoke("echo", 0, { Payload: "{a:1", InvocationType })).rejects.toMatchObject({
      name: "InvalidRequestContentException",
    });
});

test("a dry run runs nothing", async () => {
  const before = (await cloud.meter()).invocations.handler?.requestResponse;
  expect(await invoke("echo", {}, { InvocationType: "DryRun" })).toMatchObject({ StatusCode: 204 });
  expect((await cloud.meter()).invocations.handler?.requestResponse).toBe(before);
});

test("a function is throttled beyond its reserved concurrency", async () => {
  const answers = await Promise.allSettled([invoke("alone", { ms: 300 }), invoke("alone", { ms: 300 })]);
  const refused = answers.find(({ status }) => status === "rejected") as PromiseRejectedResult;
  expect(answers.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  expect(refused.reason).toMatchObject({
    name: "TooManyRequestsException",
    Reason: "ReservedFunctionConcurrentInvocationLimitExceeded",
    $metadata: { httpStatusCode: 429 },
  });
  expect((await invoke("alone", { ms: 0 })).FunctionError).toBeUndefined();
});

test("concurrent invocations share as many environments as the machine can run", async () => {
  const answers = await Promise.all(Array.from({ length: 40 }, (_, n) => invoke("echo", n)));
  expect(answers.map(answerOf)).toEqual(Array.from({ length: 40 }, (_, n) => n));
  const started = (await cloud.faults.environments()).filter((one) => one.function === named("echo"));
  expect(started.length).toBeLessThan(10);
});

test("idle environments can be ended, and busy ones stay", async () => {
  const alive = async () => (await cloud.faults.environments()).filter((one) => one.function === named("alone"));
  const atWork = invoke("alone", { ms: 500 });
  await expect.poll(alive, { interval: 5 }).toMatchObject([{ busy: true }]);
  const [first] = await alive();
  await cloud.faults.endIdle(named("alone"));
  expect(answerOf(await atWork)).toBe(first?.pid);
  await cloud.faults.endIdle(named("alone"));
  expect(await alive()).toEqual([]);
  expect(answerOf(await invoke("alone", { ms: 0 }))).not.toBe(first?.pid);
});

test("a function that waits for itself gets the environments it needs", async () => {
  const depth = availableParallelism() + 3;
  expect(answerOf(await invoke("nested", { depth }))).toBe(depth);
});

test("tenants never share an environment", async () => {
  const [, first] = answerOf(await invoke("isolated", {}, { TenantId: "a" }));
  expect(answerOf(await invoke("isolated", {}, { TenantId: "a" }))).toEqual(["a", first]);
  const [tenant, second] = answerOf(await invoke("isolated", {}, { TenantId: "b" }));
  expect(tenant).toBe("b");
  expect(second).not.toBe(first);
  await expect(invoke("isolated")).rejects.toMatchObject({ name: "InvalidParameterValueException" });
  await expect(invoke("echo", {}, { TenantId: "a" })).rejects.toMatchObject({ name: "InvalidParameterValueException" });
});

test("a function's output is kept, and returned with the answer if requested", async () => {
  const { LogResult = "" } = await invoke("logs", { who: "the test" }, { LogType: "Tail" });
  const tail = Buffer.from(LogResult, "base64").toString();
  const log = await cloud.logs(named("logs"));
  expect(log).toContain("written by the test");
  expect(log.endsWith(tail)).toBe(true);
});

test("a function may call what its policy allows and nothing else", async () => {
  expect(answerOf(await invoke("caller", { name: named("echo") }))).toMatchObject({ status: 200, body: {} });
  const refused = answerOf(await invoke("caller", { name: named("logs") }));
  expect(refused).toMatchObject({ status: 403, type: "AccessDeniedException" });
  expect(refused.body.message).toMatch(
    /^User: arn:aws:sts::000000000000:assumed-role\/Test-callerRole\/Test-caller is not authorized to perform: lambda:InvokeFunction on resource: arn:aws:lambda:us-east-1:000000000000:function:Test-logs because no identity-based policy allows/,
  );
});

test("an unknown function is not found", async () => {
  await expect(invoke("nobody")).rejects.toMatchObject({ name: "ResourceNotFoundException" });
});

test("requests of unknown callers, other hosts and web pages are refused", async () => {
  const { endpoints, credentials } = cloud.connection;
  const known = `AWS4-HMAC-SHA256 Credential=${credentials?.accessKeyId}/`;
  const statusOf = (endpoint: string | undefined, headers: Record<string, string>) =>
    new Promise((resolve, reject) => {
      const path = `/2015-03-31/functions/${named("echo")}/invocations`;
      const call = request(new URL(path, endpoint), { method: "POST", headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      call.on("error", reject).end("{}");
    });
  expect(await statusOf(endpoints?.lambda, { authorization: known })).toBe(200);
  for (const endpoint of Object.values(endpoints ?? {})) {
    const refused = endpoint === endpoints?.dynamodb ? 400 : 403;
    expect(await statusOf(endpoint, {})).toBe(refused);
    expect(await statusOf(endpoint, { authorization: "AWS4-HMAC-SHA256 Credential=somebody/" })).toBe(refused);
    expect(await statusOf(endpoint, { authorization: known, host: "attacker.example" })).toBe(refused);
    expect(await statusOf(endpoint, { authorization: known, origin: "http://attacker.example" })).toBe(refused);
  }
});
