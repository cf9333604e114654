import { Command, Option } from "commander";
import { dollars } from "../cost/dollars.ts";
import type { CostGroup, GroupCost } from "../history/job-costs.ts";
import { type ClusterOptions, withClient, withClusterOptions } from "./cluster-options.ts";
import { wholeFrom } from "./number-options.ts";
import { show } from "./output-option.ts";
import { shortIds } from "./short-ids.ts";
import { type Column, table } from "./table.ts";

const TITLES: Record<CostGroup, Column> = {
  job: { title: "JOB", narrow: { rank: 1, short: shortIds } },
  label: { title: "LABEL", narrow: { rank: 1, least: 8 } },
  day: { title: "DAY" },
};

/** `fantail cost`: adds up what the newest jobs of all clients have cost, by job, label or day. */
export function costCommand(): Command {
  const command = new Command("cost")
    .description("show what the newest jobs of every client have cost so far, in US dollars")
    .addOption(
      new Option("--by <group>", "what to add the costs up by").choices(["job", "label", "day"]).default("job"),
    )
    .option("--limit <count>", "read at most this many jobs", wholeFrom(1), 100);
  return withClusterOptions(command).action(async (options: ClusterOptions & { limit: number; by: CostGroup }) => {
    const { limit, by, output } = options;
    const { jobCosts, totalCost } = await import("../history/job-costs.ts");
    const costs = await withClient(options, ({ core }) => jobCosts(core, limit, by));
    const result = costs.map(({ group, ...cost }) => ({ [by === "job" ? "jobId" : by]: group, ...cost }));
    show(output, result, () =>
      costs.length === 0 ? ["no jobs found"] : table(columns(by), [...costs, totalCost(costs)].map(row)),
    );
  });
}

function columns(by: CostGroup): Column[] {
  return [TITLES[by], ...["JOBS", "TASKS", "USD", "RUN TIME", "REQUESTS", "TABLES", "S3"].map((title) => ({ title }))];
}

function row({ group, jobs, tasks, usd, compute, requests, tables, blobs }: GroupCost): string[] {
  return [group || "(none)", String(jobs), String(tasks), ...[usd, compute, requests, tables, blobs].map(dollars)];
}
