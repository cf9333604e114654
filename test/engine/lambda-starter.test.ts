import { LambdaClient } from "@aws-sdk/client-lambda";
import { expect, test } from "vitest";
import { LambdaStarter } from "../../lambdas/adapters/lambda-starter.ts";
import { anAwsService, type Reply } from "./an-aws-service.ts";

const EVENT = { engine: 1, session: "0".repeat(32), door: "report" };

/** Returns a starter of engines that all answer alike, and the types of its invocations. */
async function aStarter(reply: Reply) {
  const types: unknown[] = [];
  const settings = await anAwsService(({ headers }) => {
    types.push(headers["x-amz-invocation-type"]);
    return reply;
  });
  return { starter: new LambdaStarter(new LambdaClient({ ...settings, maxAttempts: 1 })), types };
}

test("an engine is started by an event", async () => {
  const { starter, types } = await aStarter({ status: 202, body: "" });
  await starter.start("engine", EVENT);
  expect(types).toEqual(["Event"]);
});

test("an engine that is called answers with its response", async () => {
  const { starter, types } = await aStarter({ status: 200, body: '{"end":"idle"}' });
  expect(await starter.call("engine", EVENT, 5000)).toEqual({ type: "answered", response: { end: "idle" } });
  expect(types).not.toContain("Event");
});

test("an engine that fails answers with the first line of its reason", async () => {
  const body = JSON.stringify({ errorMessage: "Runtime exited\nat once" });
  const { starter } = await aStarter({ status: 200, body, headers: { "x-amz-function-error": "Unhandled" } });
  expect(await starter.call("engine", EVENT, 5000)).toEqual({ type: "failed", reason: "Runtime exited" });
});

test("an engine that does not answer in time is left running", async () => {
  const { starter, types } = await aStarter("stall");
  expect(await starter.call("engine", EVENT, 1000)).toEqual({ type: "running" });
  expect(types).toHaveLength(1);
});

test.each(["lose", { status: 429, body: "{}" }] as const)("a call that fails otherwise rejects", async (reply) => {
  const { starter } = await aStarter(reply);
  await expect(starter.call("engine", EVENT, 5000)).rejects.toThrow();
});
