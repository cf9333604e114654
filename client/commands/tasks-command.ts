import { Command, Option } from "commander";
import { FINAL_STATUSES } from "../../lambdas/protocol/outcome-page.ts";
import type { TaskQuery } from "../history/db-query.ts";
import { type ClusterOptions, positive, withClient, withClusterOptions } from "./cluster-options.ts";
import type { CommandClient } from "./command-client.ts";
import { heldTasks } from "./held-tasks.ts";
import { wholeFrom } from "./number-options.ts";
import { show } from "./output-option.ts";
import { ONE_ID, resolveId } from "./resolve-ids.ts";
import { type ListedTask, listedTask, TASK_KEYS, taskTable } from "./task-table.ts";
import { watchTasks } from "./watch-tasks.ts";

interface TasksOptions extends ClusterOptions {
  job?: string;
  label?: string;
  status?: string;
  since?: number;
  limit: number;
  watch?: boolean;
}

const STATUSES = ["pending", ...FINAL_STATUSES];
const HOUR_MS = 3_600_000;

/** `fantail tasks`: lists tasks of all clients, in order of submission. */
export function tasksCommand(): Command {
  const command = new Command("tasks")
    .description("list tasks of every client (default: those of the last day)")
    .option("--job <id>", `only tasks of this job: ${ONE_ID}`)
    .option("--label <label>", "only tasks with this label, of any day")
    .addOption(new Option("--status <status>", "only tasks with this status").choices(STATUSES))
    .option("--since <hours>", "submitted within the last <hours> hours", positive)
    .option("--limit <count>", "list at most this many tasks", wholeFrom(1), 100)
    .option("--watch", "show changes until all of these tasks have ended");
  return withClusterOptions(command).action(async (options: TasksOptions) => {
    await withClient(options, async (client) => {
      const query = await queryOf(client, options);
      const read = () => listTasks(client, query, options);
      if (options.watch) return watchTasks(read, options.output);
      const tasks = await read();
      show(options.output, tasks, () => taskTable(tasks, Date.now()));
    });
  });
}

async function queryOf({ core }: CommandClient, { job, label, status, since }: TasksOptions): Promise<TaskQuery> {
  return {
    ...(job !== undefined && { jobId: await resolveId(core, job) }),
    ...(label !== undefined && { label }),
    ...(status !== undefined && { status }),
    ...(since !== undefined && { submitted: { $gte: new Date(Date.now() - since * HOUR_MS) } }),
  };
}

async function listTasks(client: CommandClient, query: TaskQuery, { limit }: { limit: number }): Promise<ListedTask[]> {
  const tasks = await client.dbQuery(query, { keys: TASK_KEYS, limit });
  const isPending = tasks.some(({ status }) => status === "pending");
  const held = isPending ? await heldTasks(client.core.cloud) : undefined;
  const now = Date.now();
  return tasks.map((task) => listedTask(task, held?.get(task.taskId), now));
}
