import { expect, test } from "vitest";
import { CommandCluster } from "./command-cluster.ts";

const cluster = new CommandCluster();
const errorOf = ({ stderr }: { stderr: string }) => JSON.parse(stderr) as { candidates?: string[] };

test("ids may be shortened to a unique beginning, and `last` is the newest job; complete ids are not looked up", async () => {
  const none = await cluster.run("result", "last", "-o", "json");
  expect(none).toMatchObject({ code: 2, stdout: "" });
  expect(errorOf(none)).toMatchObject({ code: "UnknownId", exitCode: 2, candidates: [] });

  const view = cluster.client.loadBalancedView();
  const first = view.map((n: number) => n * n, [3, 4]);
  expect(await first).toEqual([9, 16]);
  const keyed = view.withFlags({ idempotencyKey: "once" }).map((n: number) => -n, [1]);
  expect(await keyed).toEqual([-1]);
  expect(await cluster.json("result", first.jobId.slice(0, 20))).toEqual([9, 16]);
  expect(await cluster.json("result", `${first.jobId.slice(0, 20).toLowerCase()}.1`)).toBe(16);
  expect(await cluster.json("result", keyed.jobId.slice(0, 8))).toEqual([-1]);
  expect(await cluster.json("result", "last")).toEqual([-1]);
  expect(await cluster.json("result", "last.0", `${first.jobId.slice(0, 22)}.0`)).toEqual([-1, 9]);
  expect(await cluster.json("tasks", "--job", first.jobId.slice(0, 21))).toHaveLength(2);

  await cluster.cloud.resetMeter();
  expect(await cluster.json("result", first.jobId)).toEqual([9, 16]);
  const whole = await countedCalls();
  await cluster.json("result", first.jobId.slice(0, 20));
  const shortened = await countedCalls();
  expect(shortened - whole).toBeLessThanOrEqual(2);
});

/** The client's calls to DynamoDB since it was last asked. */
async function countedCalls(): Promise<number> {
  const { traffic } = await cluster.cloud.meter();
  await cluster.cloud.resetMeter();
  return traffic.dynamodb.client?.calls ?? 0;
}

test("an ambiguous or unknown beginning is refused with the jobs that it may mean", async () => {
  const view = cluster.client.loadBalancedView();
  const one = view.map((n: number) => n, [1]);
  await one;
  const other = view.map((n: number) => n, [2]);
  await other;
  const ambiguous = await cluster.run("result", one.jobId.slice(0, 3), "-o", "json");
  expect(ambiguous).toMatchObject({ code: 2, stdout: "" });
  expect(errorOf(ambiguous)).toMatchObject({
    code: "AmbiguousId",
    message: expect.stringContaining("jobs begin with"),
  });
  expect(errorOf(ambiguous).candidates?.slice(0, 2)).toEqual([other.jobId, one.jobId]);
  const unknown = await cluster.run("abort", "ZZZZZZZZ");
  expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining("no job of the last 31 days begins with") });
  expect(unknown.stderr).toContain(`\n  ${other.jobId}\n`);
  expect(await cluster.run("result", "no-id")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("is not an id"),
  });
});

test("with -o json the error of a failed task is an object on stderr, and stdout stays empty", async () => {
  const failing = cluster.client.loadBalancedView().map(
    (n: number) => {
      if (n > 1) throw new RangeError(`no ${n}`);
      return n;
    },
    [1, 2, 3],
  );
  await failing.catch(() => {});
  const whole = await cluster.run("result", failing.jobId, "-o", "json");
  expect(whole).toMatchObject({ code: 1, stdout: "" });
  expect(errorOf(whole)).toMatchObject({ code: "CompositeError", indexes: [1, 2], exitCode: 1 });
  const one = await cluster.run("result", `${failing.jobId}.1`, "-o", "json");
  expect(one).toMatchObject({ code: 1, stdout: "" });
  expect(errorOf(one)).toMatchObject({
    ...{ code: "RemoteError", ename: "RangeError", evalue: "no 2", taskId: `${failing.jobId}.1`, exitCode: 1 },
    message: expect.stringContaining("RangeError: no 2"),
  });
});

test("resubmit --failed runs only the failed tasks of a job again", async () => {
  const view = cluster.client.loadBalancedView({ returnExceptions: true });
  const mixed = view.map(
    (n: number) => {
      if (n < 0) throw new RangeError("below zero");
      return n;
    },
    [1, -1, 2, -2],
  );
  await mixed;
  const again = await cluster.json<{ taskIds: string[] }>("resubmit", mixed.jobId, "--failed");
  expect(again.taskIds).toHaveLength(2);
  const records = await cluster.json<object[]>("tasks", "--job", "last");
  expect(records).toHaveLength(2);
  const sums = view.map((n: number) => n, [1, 2]);
  await sums;
  const nothing = await cluster.run("resubmit", "last", "--failed");
  expect(nothing).toEqual({ code: 0, stdout: "no task has failed, so none was resubmitted\n", stderr: "" });
  await cluster.run("result", "--wait", ...again.taskIds);
});

test("with -o json, every error is one JSON object on stderr", async () => {
  const object = async (...words: string[]) => {
    const { code, stdout, stderr } = await cluster.run(...words, "-o", "json");
    expect(stdout).toBe("");
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
    return { code, ...(JSON.parse(stderr) as object) };
  };
  const lost = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
  expect(await object("abort", lost)).toMatchObject({
    code: "UnknownTask",
    exitCode: 1,
    message: expect.stringContaining(lost),
  });
  expect(await object("abort", "no-id")).toMatchObject({ code: "InvalidId", exitCode: 2, id: "no-id" });
  expect(await object("jobs", "--limit", "none")).toMatchObject({ code: "Usage", exitCode: 2 });
  expect(await object("status", "--profile", "nobody")).toMatchObject({ code: "NoCluster", exitCode: 12 });
});
