import { Command, Option } from "commander";
import { FINAL_STATUSES } from "../../lambdas/protocol/outcome-page.ts";
import type { TaskQuery } from "../history/db-query.ts";
import { type ClusterOptions, positive, withClient, withClusterOptions } from "./cluster-options.ts";
import { wholeFrom } from "./number-options.ts";
import { show } from "./output-option.ts";
import { table } from "./table.ts";

interface TasksOptions extends ClusterOptions {
  job?: string;
  label?: string;
  status?: string;
  since?: number;
  limit: number;
}

const STATUSES = ["pending", ...FINAL_STATUSES];
const HOUR_MS = 3_600_000;
const KEYS = ["taskId", "label", "status", "engineId", "submitted", "started", "completed", "error"] as const;

/** `fantail tasks`: lists tasks of all clients, in order of submission. */
export function tasksCommand(): Command {
  const command = new Command("tasks")
    .description("list tasks of every client (default: those of the last day)")
    .option("--job <id>", "only tasks of this job")
    .option("--label <label>", "only tasks with this label, of any day")
    .addOption(new Option("--status <status>", "only tasks with this status").choices(STATUSES))
    .option("--since <hours>", "submitted within the last <hours> hours", positive)
    .option("--limit <count>", "list at most this many tasks", wholeFrom(1), 100);
  return withClusterOptions(command).action(async (options: TasksOptions) => {
    const { job, label, status, since, limit, output } = options;
    const query: TaskQuery = {
      ...(job !== undefined && { jobId: job }),
      ...(label !== undefined && { label }),
      ...(status !== undefined && { status }),
      ...(since !== undefined && { submitted: { $gte: new Date(Date.now() - since * HOUR_MS) } }),
    };
    const tasks = await withClient(options, (client) => client.dbQuery(query, { keys: KEYS, limit }));
    const listed = tasks.map(({ error, ...task }) => ({ ...task, error: error?.message }));
    show(output, listed, () =>
      listed.length === 0
        ? ["no tasks found"]
        : table(
            ["TASK", "STATUS", "LABEL", "ENGINE", "SUBMITTED", "SECONDS", "ERROR"],
            listed.map((task) => [
              task.taskId,
              task.status,
              task.label ?? "",
              `${task.engineId ?? ""}`,
              task.submitted?.toISOString() ?? "",
              secondsOf(task),
              task.error?.split("\n")[0]?.slice(0, 80) ?? "",
            ]),
          ),
    );
  });
}

function secondsOf({ started, completed }: { started: Date | undefined; completed: Date | undefined }): string {
  return started && completed ? ((completed.getTime() - started.getTime()) / 1000).toFixed(3) : "";
}
