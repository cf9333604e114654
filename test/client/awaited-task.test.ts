import { describe, expect, it } from "vitest";
import type { SubmitMessage } from "../../lambdas/protocol/scheduler-messages.ts";
import { aClient, type TestClient } from "./a-client.ts";

const double = (x: number) => 2 * x;

/** Returns the submissions that a client has sent. */
function submissions({ cloud }: TestClient): SubmitMessage[] {
  return cloud.messages.filter((message) => message.type === "submit");
}

/** Makes the cloud answer the next submission with the outcome of its task, which ran for `ms` milliseconds. */
function answering(client: TestClient, ms = 1): TestClient {
  const { cloud, clock } = client;
  cloud.answer = (message) => {
    if (message.type !== "submit") return undefined;
    cloud.answer = () => undefined;
    const job = message.jobs[0]?.header.id ?? "";
    const entry = { ...cloud.entry(0, () => 2), started: clock.now() - ms, completed: clock.now() };
    cloud.write(job, [entry]);
    const page = cloud.rows.get(`job#${job}#0/o#00000000#L1`);
    return page && { type: "ok", ended: { job, bucket: 0, sk: page.sk, body: page.body } };
  };
  return client;
}

/** Lets the function run once as a lone task, for `ms` milliseconds. */
async function runOnce(client: TestClient, fn: (x: number) => number, ms = 1): Promise<void> {
  const { cloud } = answering(client, ms);
  await client.view.apply(fn, 1);
  cloud.messages.length = 0;
  cloud.queries.length = 0;
}

describe("a task that the client awaits", () => {
  it("an awaited task whose outcome comes with the answer is not polled for", async () => {
    const client = aClient();
    await runOnce(client, double);
    answering(client);
    expect(await client.view.apply(double, 1)).toBe(2);
    await client.clock.advance(10_000);
    expect(client.cloud.queries).toEqual([]);
    expect(submissions(client)).toMatchObject([{ awaited: true }]);
  });

  it("an awaited task whose outcome does not come with the answer is polled for", async () => {
    const client = aClient();
    await runOnce(client, double);
    client.cloud.behaviour = () => 2;
    expect(await client.clock.until(client.view.apply(double, 1))).toBe(2);
    expect(submissions(client)).toMatchObject([{ awaited: true }]);
    expect(client.cloud.queries.length).toBeGreaterThan(0);
  });

  it("a task that nothing awaits as it is sent is not asked for", async () => {
    const client = aClient();
    await runOnce(client, double);
    client.view.apply(double, 1);
    await client.clock.advance(1);
    expect(submissions(client)[0]).not.toHaveProperty("awaited");
  });

  it("several tasks of one turn are not asked for", async () => {
    const client = aClient();
    await runOnce(client, double);
    client.cloud.behaviour = () => 2;
    await client.clock.until(Promise.all([client.view.apply(double, 1), client.view.apply(double, 2)]));
    expect(submissions(client)[0]).not.toHaveProperty("awaited");
  });

  it("a task is not asked for while the client awaits another", async () => {
    const client = aClient();
    await runOnce(client, double);
    client.view.apply(double, 1).then(undefined, () => {});
    await client.clock.advance(1);
    client.view.apply(double, 2).then(undefined, () => {});
    await client.clock.advance(1);
    expect(submissions(client).map(({ awaited }) => awaited)).toEqual([true, undefined]);
  });

  it.each([
    [40, true],
    [41, undefined],
  ])("after a task of %i ms, the next one of the same function is asked for: %s", async (ms, awaited) => {
    const client = aClient();
    await runOnce(client, double, ms);
    client.cloud.behaviour = () => 2;
    await client.clock.until(client.view.apply(double, 1));
    expect(submissions(client).map((message) => message.awaited)).toEqual([awaited]);
  });

  it("the first task of a function is not asked for, however short those of others were", async () => {
    const client = aClient();
    await runOnce(client, double);
    client.cloud.behaviour = () => 2;
    await client.clock.until(client.view.apply((x: number) => x + 1, 1));
    await client.clock.until(client.view.apply(double, 1));
    expect(submissions(client).map((message) => message.awaited)).toEqual([undefined, true]);
  });
});
