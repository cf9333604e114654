import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readConnection } from "../../client/connection/connection.ts";
import { type AbortReport, Client } from "../../client/index.ts";
import { CLI, runFantail, spawnFantail } from "./run-fantail.ts";
import { LONG_MS, StartedClusters } from "./started-clusters.ts";

const spawned = (...words: string[]) => spawnFantail(words);
const fantail = (...words: string[]) => runFantail(words);

const clusters = new StartedClusters();
const fileOf = (profile: string) => clusters.fileOf(profile);

/** Runs `fantail dashboard` until it has said where the page is, gets the page, and interrupts it. */
async function visitDashboard(): Promise<{ page: number; without: number; code: unknown }> {
  const server = spawn(process.execPath, [CLI, "dashboard", "-o", "json"], { stdio: ["ignore", "pipe", "inherit"] });
  clusters.owners.push(server.pid ?? 0);
  const [said] = await once(server.stdout.setEncoding("utf8"), "data");
  const { url }: { url: string } = JSON.parse(String(said));
  const { status: page } = await fetch(url);
  const { status: without } = await fetch(new URL("/events", url));
  server.kill("SIGINT");
  const [code]: unknown[] = await once(server, "exit");
  return { page, without, code };
}

test("a foreground cluster says where to connect, and SIGINT stops it", { timeout: LONG_MS }, async () => {
  const { owner, said } = await clusters.startInForeground("--profile=mine");
  expect(said).toContain(fileOf("mine"));
  expect(said).toContain("fantail stop --profile=mine");
  owner.kill("SIGINT");
  expect(await once(owner, "exit")).toEqual([0, null]);
  expect(existsSync(fileOf("mine"))).toBe(false);
});

test("functions that do not exist are refused before anything starts", { timeout: LONG_MS }, async () => {
  const without = await spawned("start", "--no-code-shipping");
  expect(without).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("set `functions` to the path of the module that exports them"),
  });
  const nowhere = await fantail("start", "--functions", "./nowhere.ts");
  expect(nowhere).toMatchObject({ code: 1, stderr: expect.stringContaining("file not found: ") });
});

test("commands query a running cluster, read, resubmit, abort and purge its tasks, and SIGTERM stops it", {
  timeout: LONG_MS,
}, async () => {
  const { owner } = await clusters.startInForeground();
  const json = async (...words: string[]) => {
    const { code, stdout, stderr } = await fantail(...words, "-o", "json");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    return JSON.parse(stdout) as unknown;
  };
  const client = await Client.connect({ urlFile: fileOf("default") });
  const view = client.loadBalancedView({ label: "sums" });
  const sum = view.apply((a: number, b: number) => a + b, 2, 3);
  expect(await sum).toBe(5);
  const broken = view.withFlags({ label: "broken" }).apply(() => {
    throw new RangeError("no disk");
  });
  await broken.catch(() => {});
  const [id = ""] = sum.taskIds;
  expect(await json("tasks", "--label", "broken")).toMatchObject([
    { status: "error", label: "broken", engineId: 0, error: expect.stringContaining("no disk") },
  ]);
  expect(await json("tasks", "--limit", "1")).toHaveLength(1);
  expect((await fantail("tasks", "--job", sum.jobId)).stdout).toMatch(/^TASK .*\n\S+ +ok +sums +0 /);
  expect(await json("result", id)).toBe(5);
  expect((await spawned("result", id)).stdout).toBe("5\n");
  const failed = await spawned("result", ...broken.taskIds);
  expect(failed).toMatchObject({ code: 1, stderr: expect.stringContaining("no disk") });
  const again = (await json("resubmit", id)) as { taskIds: string[] };
  expect(again.taskIds).toHaveLength(1);
  expect(await json("result", "--wait", ...again.taskIds)).toBe(5);
  expect(await fantail("purge")).toMatchObject({ code: 2 });
  expect(await json("purge", id)).toEqual({ purged: [id] });
  expect(await fantail("result", id)).toMatchObject({ code: 1, stderr: expect.stringContaining("is unknown") });

  expect(await visitDashboard()).toEqual({ page: 200, without: 401, code: 0 });

  const slow = view.map((ms: number) => new Promise((done) => setTimeout(done, ms)), [6e4, 6e4]);
  slow.catch(() => {});
  await slow.info();
  expect(await json("status")).toMatchObject({
    ...{ address: { profile: "default" }, engines: 1, scheme: "lru", hwm: 1, unassigned: 1, waiting: 0, held: 1 },
    pools: [{ name: "default", count: 1 }],
  });
  expect((await fantail("status")).stdout).toContain("tasks: 1 queued, 0 waiting on dependencies, 1 running or leased");
  expect(await json("engines")).toEqual([{ id: 0, pool: "default", state: "open", live: true, load: 1, completed: 3 }]);
  const early = await fantail("result", slow.jobId);
  expect(early).toMatchObject({ code: 1, stderr: expect.stringContaining("not all tasks have finished") });
  const report = (await json("abort", slow.jobId)) as AbortReport;
  expect([...report.aborted, ...report.stopping].sort()).toEqual(slow.taskIds);
  expect(report.ended).toEqual([]);
  expect(await json("tasks", "--job", slow.jobId, "--status", "aborted")).not.toEqual([]);
  const logs = (await json("logs")) as { function: string }[];
  expect(logs.map((log) => log.function.replace(/Function.*/, ""))).toEqual(
    ["Enginedefault", "Report", "Scheduler"].map((name) => `Fantail-Fantail${name}`),
  );
  const scheduler = logs[2]?.function ?? "";
  const { logs: folder = "" } = await readConnection(fileOf("default"));
  appendFileSync(join(folder, `${scheduler}.log`), "the last but one\nthe last\n");
  expect(await json("logs", "--function", "scheduler", "-n", "1")).toEqual([
    { function: scheduler, lines: ["the last"] },
  ]);
  expect(await fantail("status", "--profile", "other")).toMatchObject({ code: 12, stdout: "" });
  expect(await fantail("logs", "--profile", "other")).toMatchObject({ code: 12, stdout: "" });
  await client.close();
  owner.kill("SIGTERM");
  expect(await once(owner, "exit")).toEqual([0, null]);
  expect(existsSync(fileOf("default"))).toBe(false);
});

test("wrong usage is distinguished from failure", { timeout: LONG_MS }, async () => {
  for (const words of [
    ["start", "-n", "0"],
    ["start", "--hwm", "-1"],
    ["start", "--latency", "azure"],
    ["start", "--scheme", "best"],
    ["start", "--template", "My.template.json", "-n", "2"],
    ["stop", "--profile", "../x"],
    ["dance"],
  ])
    expect((await fantail(...words)).code).toBe(2);
  expect((await spawned("--help")).stdout).toContain("10 already started");
});
