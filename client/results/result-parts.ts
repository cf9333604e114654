import type { BlobReader } from "../outcomes/blob-reader.ts";
import { ResultItems, type ResultPart } from "./result-items.ts";
import type { LoadedSource } from "../outcomes/result-source.ts";

/** One task of a result as a result of its own: of a chunk a list, else a value. */
export interface TaskOfResult {
  part: ResultPart;
  taskId: string;
  loaded: LoadedSource;
}

/** Takes a result apart into its tasks, in order. */
export function tasksOf(items: ResultItems, blobs: BlobReader): TaskOfResult[] {
  const tasks: TaskOfResult[] = [];
  const ids = items.taskIds();
  for (const { outcomes, from, to } of items.parts)
    for (let task = from; task < to; task++) {
      const part: ResultPart = { outcomes, from: task, to: task + 1 };
      const shape = outcomes.header?.chunked ? "list" : "value";
      tasks.push({
        part,
        taskId: ids[tasks.length] ?? "",
        loaded: { items: new ResultItems([part], blobs), shape },
      });
    }
  return tasks;
}

/** Puts results together to one list of their items, in order; tasks that follow each other become one part again. */
export function joinedParts(all: readonly ResultItems[], blobs: BlobReader): LoadedSource {
  const parts: ResultPart[] = [];
  for (const items of all)
    for (const part of items.parts) {
      const last = parts.at(-1);
      if (last?.outcomes === part.outcomes && last.to === part.from) last.to = part.to;
      else parts.push({ ...part });
    }
  return { items: new ResultItems(parts, blobs), shape: "list" };
}
