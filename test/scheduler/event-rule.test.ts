import { expect, test } from "vitest";
import { EventRule } from "../../lambdas/adapters/event-rule.ts";
import { anAwsService, type Reply } from "../engine/an-aws-service.ts";

const DONE: Reply = { status: 200, body: "" };

/** Creates a rule whose calls get these answers in order, and records the requests. */
async function aRule(replies: Reply[], deadlineMs?: number) {
  const asked: string[] = [];
  const service = await anAwsService(({ headers, body }) => {
    asked.push(`${headers["x-amz-target"]} ${body}`);
    return replies.shift() ?? DONE;
  });
  return { rule: new EventRule("sweep", service, deadlineMs), asked };
}

test("a call to EventBridge whose answer was lost is repeated", async () => {
  const { rule, asked } = await aRule(["lose"]);
  await rule.enable();
  expect(asked).toEqual(Array(2).fill('AWSEvents.EnableRule {"Name":"sweep"}'));
});

test("if the rule cannot be switched, the second failure is thrown, and a later pass switches it", async () => {
  const { rule, asked } = await aRule(["lose", "lose"]);
  await expect(rule.disable()).rejects.toThrow();
  expect(asked).toEqual(Array(2).fill('AWSEvents.DisableRule {"Name":"sweep"}'));
});

test("a missing answer is awaited until the deadline of all attempts", async () => {
  const { rule } = await aRule(["stall", "stall"], 50);
  await expect(rule.enable()).rejects.toMatchObject({ name: "AbortError" });
});
