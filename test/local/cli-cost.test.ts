import { expect, test } from "vitest";
import { CommandCluster } from "./command-cluster.ts";

const cluster = new CommandCluster();

interface CostRow {
  jobId?: string;
  label?: string;
  jobs: number;
  tasks: number;
  usd: number;
  compute: number;
  tables: number;
}

test("costs of the newest jobs are listed by job, and add up by label and by day", async () => {
  expect((await cluster.run("cost")).stdout).toBe("no jobs found\n");
  const view = cluster.client.loadBalancedView();
  const square = (x: number) => x * x;
  const first = view.withFlags({ label: "squares" }).map(square, [1, 2, 3]);
  await first;
  const second = view.withFlags({ label: "squares" }).map(square, [4]);
  await second;
  const third = view.map(square, [5]);
  await third;

  const jobs = await cluster.json<CostRow[]>("cost");
  expect(jobs.map(({ jobId, tasks }) => [jobId, tasks])).toEqual([
    [third.jobId, 1],
    [second.jobId, 1],
    [first.jobId, 3],
  ]);
  for (const { usd, compute, tables } of jobs) {
    expect(compute).toBeGreaterThan(0);
    expect(tables).toBeGreaterThan(0);
    expect(usd).toBeGreaterThanOrEqual(compute + tables);
  }
  const sum = (rows: CostRow[]) => rows.reduce((all, { usd }) => all + usd, 0);
  const labels = await cluster.json<CostRow[]>("cost", "--by", "label");
  expect(labels.map(({ label, jobs, tasks }) => [label, jobs, tasks])).toEqual([
    ["", 1, 1],
    ["squares", 2, 4],
  ]);
  expect(labels[1]?.usd).toBeCloseTo(sum(jobs.slice(1)), 12);
  expect(sum(await cluster.json<CostRow[]>("cost", "--by", "day"))).toBeCloseTo(sum(jobs), 12);
  expect(await cluster.json("cost", "--limit", "1")).toEqual(jobs.slice(0, 1));

  const { stdout } = await cluster.run("cost", "--by", "label");
  expect(stdout.split("\n").map((line) => line.split(/ {2,}/).slice(0, 3))).toEqual([
    ["LABEL", "JOBS", "TASKS"],
    ["(none)", "1", "1"],
    ["squares", "2", "4"],
    ["total", "3", "5"],
    [""],
  ]);
  expect(stdout).not.toMatch(/\de-\d/);
});
