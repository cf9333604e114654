import { expect, test } from "vitest";
import { Gate, opened } from "../e2e/gate.ts";
import { CommandCluster } from "./command-cluster.ts";

const cluster = new CommandCluster();

test("jobs are listed newest first, with counts that add up, the function's name and the label", async () => {
  expect((await cluster.run("jobs")).stdout).toBe("no jobs found\n");
  const view = cluster.client.loadBalancedView();
  const halve = (n: number) => {
    if (n % 2 === 1) throw new RangeError("odd");
    return n / 2;
  };
  const mixed = view.withFlags({ label: "halves", returnExceptions: true }).map(halve, [2, 3, 4]);
  await mixed;
  const sum = view.apply(
    function add(a: number, b: number) {
      return a + b;
    },
    1,
    2,
  );
  await sum;
  const gate = new Gate();
  const held = view.map(opened, [gate.path, gate.path]);
  const running = async () => (await cluster.json<{ running: number }[]>("jobs", "--limit", "1"))[0]?.running;
  await expect.poll(running).toBe(1);
  const listed = await cluster.json<object[]>("jobs");
  expect(listed).toMatchObject([
    {
      ...{ jobId: held.jobId, state: "running", tasks: 2, done: 0, running: 1, waiting: 1, failed: 0 },
      started: expect.any(String),
    },
    { function: "add", state: "done", tasks: 1, done: 1, running: 0, waiting: 0, failed: 0 },
    { jobId: mixed.jobId, label: "halves", function: "halve", state: "failed", tasks: 3, done: 2, failed: 1 },
  ]);
  expect(listed[1]).toMatchObject({ started: expect.any(String), durationMs: expect.any(Number) });
  const { stdout } = await cluster.run("jobs", "--limit", "3");
  expect(stdout.split("\n").map((line) => line.split(/ {2,}/)[0])).toEqual([
    "JOB",
    held.jobId,
    sum.jobId.slice(0, 26),
    mixed.jobId,
    "",
  ]);
  expect(stdout).toMatch(/ failed +2\/0\/0\/1 of 3 +\d+[sm] ago +\d\S* +\d\S* +halve +halves\n/);
  gate.open();
  await held;
  expect(await cluster.json("jobs", "--limit", "1")).toMatchObject([{ state: "done", done: 2, waiting: 0 }]);
});
