import { addTask, type ResultPart } from "../outcomes/result-part.ts";
import type { LoadedSource, ResultSource } from "../outcomes/result-source.ts";
import type { LoadedResult, ResultItems } from "./result-items.ts";
import type { ResultReader } from "./result-reader.ts";

/** One task of a result as a result of its own: a list for a chunk, otherwise a value. */
export interface TaskOfResult {
  part: ResultPart;
  taskId: string;
  loaded: LoadedSource;
}

/** Splits a result into its tasks, in order. */
export function tasksOf(items: ResultItems): TaskOfResult[] {
  const tasks: TaskOfResult[] = [];
  const ids = items.taskIds();
  for (const { outcomes, from, to } of items.parts)
    for (let task = from; task < to; task++) {
      const part: ResultPart = { outcomes, from: task, to: task + 1 };
      const shape = outcomes.header?.chunked ? "list" : "value";
      tasks.push({ part, taskId: ids[tasks.length] ?? "", loaded: { parts: [part], shape } });
    }
  return tasks;
}

/** Joins several results into one list of their items, in order. If all results are loaded, so is the list. */
export function joinedSource(readers: readonly ResultReader[]): ResultSource<unknown>["loaded"] {
  const known = readers.flatMap(({ loaded }) => loaded ?? []);
  if (known.length === readers.length) return joinedParts(known);
  return async () => joinedParts(await Promise.all(readers.map((reader) => reader.load())));
}

/** Joins loaded results. Consecutive tasks of one job become one part again. */
function joinedParts(all: readonly LoadedResult[]): LoadedSource {
  const parts: ResultPart[] = [];
  for (const { items } of all) for (const part of items.parts) addTask(parts, { ...part });
  return { parts, shape: "list" };
}
