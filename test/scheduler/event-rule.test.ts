import { expect, test } from "vitest";
import { EventRule } from "../../lambdas/adapters/event-rule.ts";
import { anAwsService, type Reply } from "../engine/an-aws-service.ts";

const DONE: Reply = { status: 200, body: "" };

/** A rule whose calls are answered in order, and what was asked. */
async function aRule(replies: Reply[], deadlineMs?: number) {
  const asked: string[] = [];
  const service = await anAwsService(({ headers, body }) => {
    asked.push(`${headers["x-amz-target"]} ${body}`);
    return replies.shift() ?? DONE;
  });
  return { rule: new EventRule("sweep", service, deadlineMs), asked };
}

test("a call whose answer was lost is made once more", async () => {
  const { rule, asked } = await aRule(["lose"]);
  await rule.enable();
  expect(asked).toEqual(Array(2).fill('AWSEvents.EnableRule {"Name":"sweep"}'));
});

test("a rule that cannot be switched fails at the second try: a later pass makes it good", async () => {
  const { rule, asked } = await aRule(["lose", "lose"]);
  await expect(rule.disable()).rejects.toThrow();
  expect(asked).toEqual(Array(2).fill('AWSEvents.DisableRule {"Name":"sweep"}'));
});

test("an answer that does not come is waited for until the deadline of all tries", async () => {
  const { rule } = await aRule(["stall", "stall"], 50);
  await expect(rule.enable()).rejects.toMatchObject({ name: "AbortError" });
});
