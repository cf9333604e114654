import { describe, expect, test } from "vitest";
import { countCall } from "../../lambdas/adapters/count-call.ts";
import { EngineUsage } from "../../lambdas/engine/supervisor/engine-usage.ts";
import { noUsage } from "../../lambdas/protocol/usage.ts";
import { answerWithUsage } from "../../lambdas/scheduler/answer-with-usage.ts";
import { UsageMemory } from "../../lambdas/scheduler/memory/usage-memory.ts";

describe("calls of the SDK", () => {
  const used = async (command: string, output: object, response: unknown = {}) => {
    const sum = new UsageMemory();
    const bytes: number[] = [];
    const sink = {
      add: (one: Parameters<UsageMemory["add"]>[0]) => {
        sum.add(one);
        bytes.push(one.bytesOut);
      },
    };
    await countCall(sink, command, async () => ({ output, response }));
    return { ...sum.take(), bytesOut: bytes[0] };
  };

  test("count the capacity that DynamoDB returns, for one table or several", async () => {
    const list = [{ CapacityUnits: 2 }, { CapacityUnits: 0.5 }];
    expect(await used("QueryCommand", { ConsumedCapacity: { CapacityUnits: 1.5 } })).toMatchObject({ readUnits: 1.5 });
    expect(await used("BatchGetItemCommand", { ConsumedCapacity: list })).toMatchObject({ readUnits: 2.5 });
    expect(await used("UpdateItemCommand", { ConsumedCapacity: list })).toMatchObject({
      writeUnits: 2.5,
      readUnits: 0,
    });
  });

  test("count requests of Lambda and S3, and the bytes of the answer", async () => {
    const response = { headers: { "content-length": "120" } };
    expect(await used("InvokeCommand", {}, response)).toEqual({ ...noUsage(), invocations: 1, bytesOut: 120 });
    expect(await used("PutObjectCommand", {})).toEqual({ ...noUsage(), puts: 1 });
    expect(await used("GetObjectCommand", {})).toEqual({ ...noUsage(), gets: 1 });
  });

  test("count a failed condition as one write, and no other failure of DynamoDB", async () => {
    const sum = new UsageMemory();
    const failure = (name: string) => Object.assign(new Error(name), { name });
    for (const name of ["ConditionalCheckFailedException", "ThrottlingException"])
      await expect(
        countCall(sum, "PutItemCommand", async () => {
          throw failure(name);
        }),
      ).rejects.toThrow(name);
    expect(sum.take()).toEqual({ ...noUsage(), writeUnits: 1 });
  });
});

describe("what a scheduler process has used", () => {
  test("is taken once, with the time of the running invocation up to then", async () => {
    const usage = new UsageMemory();
    let now = 100;
    const timer = { gigabytes: 2, now: () => now };
    await usage.during(timer, async () => {
      now = 110;
      usage.add({ ...noUsage(), writeUnits: 3, bytesOut: 999 });
      expect(usage.take()).toEqual({ ...noUsage(), invocations: 1, armGbMs: 20, writeUnits: 3 });
      now = 115;
    });
    now = 1000;
    expect(usage.take()).toEqual({ ...noUsage(), armGbMs: 10 });
  });

  test("is in answers to clients that submit, abort or tick, and otherwise kept for the next job", () => {
    const usage = new UsageMemory();
    usage.add({ ...noUsage(), invocations: 1 });
    const ok = { type: "ok" } as const;
    expect(answerWithUsage(usage, { type: "sweep" }, ok)).toEqual(ok);
    expect(answerWithUsage(usage, { type: "tick" }, ok)).toEqual({ ...ok, used: [1] });
    expect(answerWithUsage(usage, { type: "tick" }, ok)).toEqual(ok);
  });
});

test("an engine's time and requests are reported once", async () => {
  let now = 0;
  const usage = new EngineUsage({ now: () => now });
  await usage.during(async () => {
    now = 7;
    usage.add({ ...noUsage(), puts: 1, gets: 2 });
    expect(usage.take()).toEqual([7, 1, 2]);
    now = 9;
  });
  now = 50;
  expect(usage.take()).toEqual([2, 0, 0]);
});
