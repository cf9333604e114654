import { Command } from "commander";
import { dollars } from "../cost/dollars.ts";
import type { JobSummary } from "../history/job-summaries.ts";
import { type ClusterOptions, withClient, withClusterOptions } from "./cluster-options.ts";
import { ago, duration } from "./durations.ts";
import { wholeFrom } from "./number-options.ts";
import { show } from "./output-option.ts";
import { shortIds } from "./short-ids.ts";
import { type Column, table } from "./table.ts";
import type { Style } from "./terminal.ts";

const STYLES = new Map<string, Style>([
  ["waiting", "dim"],
  ["running", "cyan"],
  ["done", "green"],
  ["failed", "red"],
]);
const COLUMNS: Column[] = [
  { title: "JOB", narrow: { rank: 1, short: shortIds } },
  { title: "STATE", style: (state) => STYLES.get(state) },
  { title: "DONE/RUN/WAIT/FAIL" },
  { title: "STARTED" },
  { title: "DURATION" },
  { title: "USD" },
  { title: "FUNCTION", narrow: { rank: 2, least: 8 } },
  { title: "LABEL", narrow: { rank: 3, least: 8 } },
];

/** `fantail jobs`: lists the newest jobs of all clients, newest first, with how far each has come. */
export function jobsCommand(): Command {
  const command = new Command("jobs")
    .description("list the newest jobs of every client, newest first")
    .option("--limit <count>", "list at most this many jobs", wholeFrom(1), 20);
  return withClusterOptions(command).action(async (options: ClusterOptions & { limit: number }) => {
    const { limit, output } = options;
    const { jobSummaries } = await import("../history/job-summaries.ts");
    const jobs = await withClient(options, ({ core }) => jobSummaries(core, limit));
    const now = Date.now();
    const summaries = jobs.map((job) => ({ ...job, durationMs: durationOf(job, now) }));
    show(output, summaries, () =>
      summaries.length === 0
        ? ["no jobs found"]
        : table(
            COLUMNS,
            summaries.map((job) => [
              job.jobId,
              job.state,
              `${job.done}/${job.running}/${job.waiting}/${job.failed} of ${job.tasks}`,
              job.started ? ago(job.started, now) : "",
              job.durationMs === undefined ? "" : duration(job.durationMs),
              dollars(job.usd),
              job.function ?? "",
              job.label ?? "",
            ]),
          ),
    );
  });
}

/** Milliseconds from the start of the job's first task to the end of its last, or until now if some have not ended. */
function durationOf({ started, completed }: JobSummary, now: number): number | undefined {
  return started && Math.max(0, (completed?.getTime() ?? now) - started.getTime());
}
