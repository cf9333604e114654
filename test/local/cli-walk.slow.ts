import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { Gate } from "../e2e/gate.ts";
import { CommandCluster } from "./command-cluster.ts";

const cluster = new CommandCluster();

/** The first line of this file that contains a text. */
function lineOf(text: string): number {
  const lines = readFileSync(fileURLToPath(import.meta.url), "utf8").split("\n");
  return lines.findIndex((line) => line.includes(text)) + 1;
}

test("by commands alone, a newcomer finds the failed task of a job and its line, runs it again, and sees the cost", async () => {
  const { path: mended } = new Gate();
  const inverse = (x: number, file: string): number => {
    const { existsSync } = process.getBuiltinModule("node:fs");
    console.log("looking at", x);
    if (x === 0 && !existsSync(file)) throw new RangeError("zero has no inverse");
    return 1 / (x || 1);
  };
  const view = cluster.client.loadBalancedView({ label: "walk" });
  const result = view.map(inverse, [2, 0, 4], [mended, mended, mended]);
  await result.catch(() => {});

  expect(await cluster.json("jobs")).toMatchObject([
    { jobId: result.jobId, label: "walk", state: "failed", tasks: 3, done: 2, failed: 1, usd: expect.any(Number) },
  ]);
  const [failed, ...others] = await cluster.json<{ taskId: string }[]>("tasks", "--job", "last", "--status", "error");
  expect(others).toEqual([]);
  expect(failed?.taskId).toBe(`${result.jobId}.1`);
  const shown = await cluster.run("result", `${failed?.taskId}`);
  expect(shown).toMatchObject({ code: 1, stderr: expect.stringContaining("RangeError: zero has no inverse") });
  expect(shown.stderr).toContain(`cli-walk.slow.ts:${lineOf("zero has no inverse")}:`);

  writeFileSync(mended, "");
  const again = await cluster.run("resubmit", "last", "--failed");
  const [id = ""] = again.stdout.split("\n");
  expect(again).toMatchObject({ code: 0, stdout: `${id}\n` });
  expect(await cluster.json("result", id, "--wait")).toBe(1);
  await expect
    .poll(() => cluster.json("jobs", "--limit", "1"))
    .toMatchObject([{ state: "done", tasks: 1, done: 1, failed: 0 }]);
  const costs = await cluster.json<{ usd: number }[]>("cost");
  expect(costs).toHaveLength(2);
  for (const { usd } of costs) expect(usd).toBeGreaterThan(0);
});
