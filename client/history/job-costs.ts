import type { Cost } from "../cost/cost.ts";
import { wholePart } from "../outcomes/result-part.ts";
import { waitForTasks } from "../results/task-wait.ts";
import { eachJob } from "./each-job.ts";
import type { JobListing } from "./job-summaries.ts";
import { newestJobs } from "./newest-jobs.ts";

/** The ways to group costs of jobs. */
export type CostGroup = "job" | "label" | "day";

/** What one or several jobs have cost so far. */
export interface GroupCost extends Cost {
  /** A job's id, a label, or a day in UTC such as `2026-11-30`. Empty for jobs without a label. */
  group: string;
  /** Number of jobs. */
  jobs: number;
  /** Number of their tasks. */
  tasks: number;
}

/**
 * Adds up what the newest jobs of all clients have cost so far, by job, label or day; the newest group is first. Purged
 * jobs are left out. What clients themselves used for a job is known only to them, and not included.
 */
export async function jobCosts(ports: JobListing, count: number, by: CostGroup): Promise<GroupCost[]> {
  const listed = await newestJobs(ports.cloud, ports.clock.now(), count);
  const groups = new Map<string, GroupCost>();
  for (const one of await eachJob(listed, (job) => costOfJob(ports, job, by))) {
    const known = groups.get(one.group);
    if (known) add(known, one);
    else groups.set(one.group, one);
  }
  return [...groups.values()];
}

/** The sum of several costs. */
export function totalCost(costs: readonly GroupCost[]): GroupCost {
  const sum: GroupCost = {
    ...{ group: "total", jobs: 0, tasks: 0 },
    ...{ usd: 0, requests: 0, compute: 0, tables: 0, blobs: 0, transfer: 0 },
  };
  for (const cost of costs) add(sum, cost);
  return sum;
}

function add(to: GroupCost, { group: _, ...counts }: GroupCost): void {
  to.jobs += counts.jobs;
  to.tasks += counts.tasks;
  to.usd += counts.usd;
  to.requests += counts.requests;
  to.compute += counts.compute;
  to.tables += counts.tables;
  to.blobs += counts.blobs;
  to.transfer += counts.transfer;
}

async function costOfJob(ports: JobListing, job: string, by: CostGroup): Promise<GroupCost | undefined> {
  const outcomes = await ports.jobs.find(job);
  if (!outcomes?.header) return undefined;
  const { tasks, label = "", submitted } = outcomes.header;
  const part = wholePart(outcomes);
  await waitForTasks(ports, [part], { timeoutMs: 0 });
  const cost = await ports.costOf([part]);
  const group = by === "job" ? job : by === "label" ? label : new Date(submitted).toISOString().slice(0, 10);
  return { group, jobs: 1, tasks, ...cost };
}
