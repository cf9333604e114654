import { setTimeout as delay } from "node:timers/promises";
import { duration } from "./durations.ts";
import { type ListedTask, shownStatus, taskTable } from "./task-table.ts";
import { terminal } from "./terminal.ts";

/** Pause between two readings, in milliseconds. */
const PAUSE_MS = 1000;

/**
 * Shows tasks until all have ended: on a terminal as a table that is redrawn, otherwise as a line for each change of a
 * task's status, and as JSON as one object per line.
 */
export async function watchTasks(read: () => Promise<readonly ListedTask[]>, output: "text" | "json"): Promise<void> {
  const isTable = output === "text" && terminal.isShown;
  const known = new Map<string, string>();
  for (;;) {
    const tasks = await read();
    if (isTable) terminal.redraw(taskTable(tasks, Date.now()));
    else writeChanges(tasks, known, output);
    if (!tasks.some(({ status }) => status === "pending")) return;
    await delay(PAUSE_MS);
  }
}

function writeChanges(tasks: readonly ListedTask[], known: Map<string, string>, output: "text" | "json"): void {
  const changed = tasks.filter((task) => known.get(task.taskId) !== shownStatus(task));
  for (const task of changed) known.set(task.taskId, shownStatus(task));
  if (changed.length > 0)
    terminal.lines(changed.map((task) => (output === "json" ? JSON.stringify(task) : line(task))));
}

function line(task: ListedTask): string {
  const { taskId, label, engineId, durationMs, error } = task;
  const facts = [
    engineId === undefined ? undefined : `engine ${engineId}`,
    durationMs === undefined || task.running ? undefined : duration(durationMs),
    label,
    error?.split("\n")[0],
  ];
  return [taskId, shownStatus(task), ...facts.filter((fact) => fact !== undefined && fact !== "")].join("  ");
}
