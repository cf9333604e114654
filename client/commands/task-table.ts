import type { TaskMetadata } from "../results/result-metadata.ts";
import { ago, duration } from "./durations.ts";
import type { HeldTask } from "./held-tasks.ts";
import { shortIds } from "./short-ids.ts";
import { type Column, table } from "./table.ts";
import type { SafeLine, Style } from "./terminal.ts";

const KEYS = ["label", "status", "engineId", "submitted", "started", "completed", "error"] as const;
/** Keys of the metadata that a listing of tasks reads, besides `taskId`. */
export const TASK_KEYS: readonly (typeof KEYS)[number][] = KEYS;

/** A task as `fantail tasks` lists it. */
export interface ListedTask extends Pick<TaskMetadata, "taskId" | Exclude<(typeof KEYS)[number], "error">> {
  /** Whether an engine holds the task. Other tasks that the engine holds may have to run before it. */
  running: boolean;
  /** How long the last attempt took; while the task is running, about how long its engine has held it. */
  durationMs: number | undefined;
  error: string | undefined;
}

/** Adds to a record what is known about a task that is running. */
export function listedTask(
  { error, ...task }: Pick<TaskMetadata, "taskId" | (typeof KEYS)[number]>,
  held: HeldTask | undefined,
  now: number,
): ListedTask {
  const { started, completed } = task;
  const running = held !== undefined && completed === undefined && task.status === "pending";
  const since = running ? held.since : started?.getTime();
  const until = running ? now : completed?.getTime();
  return {
    ...task,
    ...(running && { engineId: held.engineId }),
    running,
    durationMs: since === undefined || until === undefined ? undefined : Math.max(0, Math.round(until - since)),
    error: error?.message,
  };
}

/** Formats tasks as a table. */
export function taskTable(tasks: readonly ListedTask[], now: number): SafeLine[] {
  if (tasks.length === 0) return [{ safe: "no tasks found" }];
  return table(
    columnsAt(now),
    tasks.map((task) => [
      task.taskId,
      shownStatus(task),
      task.label ?? "",
      `${task.engineId ?? ""}`,
      task.submitted?.toISOString() ?? "",
      task.durationMs === undefined ? "" : `${task.running ? "~" : ""}${duration(task.durationMs)}`,
      task.error?.split("\n")[0] ?? "",
    ]),
  );
}

/** The status as shown: `running` for a task that an engine holds. */
export function shownStatus({ status, running }: Pick<ListedTask, "status" | "running">): string {
  return running ? "running" : status;
}

function columnsAt(now: number): Column[] {
  return [
    { title: "TASK", narrow: { rank: 2, short: shortIds } },
    { title: "STATUS", style: (text) => STYLES.get(text) ?? "red" },
    { title: "LABEL", narrow: { rank: 4, least: 6 } },
    { title: "ENGINE" },
    {
      title: "SUBMITTED",
      narrow: { rank: 1, short: (times) => times.map((time) => time && ago(new Date(time), now)) },
    },
    { title: "DURATION" },
    { title: "ERROR", narrow: { rank: 3, least: 12 } },
  ];
}

const STYLES = new Map<string, Style>([
  ["pending", "dim"],
  ["running", "cyan"],
  ["ok", "green"],
]);
