import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { runProgram } from "../../client/commands/run-program.ts";
import { Gate, opened } from "../e2e/gate.ts";
import { CommandCluster } from "./command-cluster.ts";

const cluster = new CommandCluster();

/** An output that keeps what was written: of a terminal with some columns, or of a pipe. */
function anOutput(columns?: number) {
  const written: string[] = [];
  const stream = new PassThrough().on("data", (chunk) => written.push(String(chunk)));
  const output = Object.assign(stream, columns === undefined ? {} : { isTTY: true, columns, rows: 30 });
  return { output, text: () => written.join("") };
}

test("tasks --watch writes a line for each change to a pipe, and draws a terminal again, until all have ended", async () => {
  const gate = new Gate();
  const view = cluster.client.loadBalancedView({ label: "watched" });
  const held = view.map(opened, [gate.path, gate.path]);
  await expect.poll(async () => (await cluster.status()).engines[0]?.load).toBe(1);
  expect((await cluster.run("tasks", "--job", "last")).stdout).toMatch(/ running +watched +0 +\S+ +~\d/);

  const pipe = anOutput();
  const screen = anOutput(80);
  const words = ["tasks", "--job", held.jobId, "--watch"];
  const ends = [pipe, screen].map(({ output }) => runProgram(words, { stdout: output, stderr: output }));
  await expect.poll(() => pipe.text()).toContain(`${held.jobId}.0  running  engine 0  watched\n`);
  await expect.poll(() => screen.text()).toContain("running");
  gate.open();
  expect(await Promise.all(ends)).toEqual([0, 0]);
  expect(pipe.text()).toContain(`${held.jobId}.1  pending  watched\n`);
  expect(pipe.text()).toMatch(new RegExp(`${held.jobId}.1  ok  engine 0  \\S+  watched\n$`));
  expect(pipe.text()).not.toContain("\x1b");
  const [first = "", ...drawings] = screen.text().split("\x1b[3A\x1b[J");
  expect(first).toContain("TASK");
  expect(drawings.at(-1)).not.toContain("running");
  await held;
});

test("abort says when there was nothing to abort", async () => {
  const done = cluster.client.loadBalancedView().map((n: number) => n, [1, 2]);
  await done;
  const aborted = await cluster.run("abort", done.jobId);
  expect(aborted).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^nothing to abort: all 2 tasks had already finished\n/),
  });
});

test("purge --all requires --yes where nobody can be asked", async () => {
  const done = cluster.client.loadBalancedView().map((n: number) => n, [1]);
  await done;
  expect(await cluster.run("purge", "--all")).toMatchObject({ code: 2, stderr: expect.stringContaining("pass --yes") });
  expect(await cluster.json("result", done.jobId)).toEqual([1]);
  expect(await cluster.json("purge", "--all", "--yes")).toEqual({ purged: "all" });
  expect(await cluster.run("result", done.jobId)).toMatchObject({ code: 1 });
});
