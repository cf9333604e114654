import type { DependencyAtRest, WaitGroup } from "../../lambdas/protocol/dependency.ts";
import type { ResultReference } from "../../lambdas/protocol/spec-page.ts";
import { asDependency, dependencyAtRest } from "../flags/dependency.ts";
import type { Flags } from "../flags/flags.ts";

/** The waits of a task: a wait group without its range of tasks. */
export type TaskWaits = Omit<WaitGroup, "from" | "to">;

/** The waits that a view's flags give its tasks; `undefined` if there are none. */
export function viewWaits({ after, follow }: Pick<Flags, "after" | "follow">): TaskWaits | undefined {
  const time = after === undefined ? undefined : dependencyAtRest(asDependency(after));
  const place = follow === undefined ? undefined : dependencyAtRest(asDependency(follow));
  if (!time && !place) return undefined;
  return { after: time ? [time] : [], ...(place ? { follow: place } : {}) };
}

/** Adds the results among a task's arguments: the task waits until each has succeeded. */
export function withTaken(waits: TaskWaits | undefined, taken: readonly ResultReference[]): TaskWaits | undefined {
  const on = taken.flatMap(({ result }) => result);
  if (on.length === 0) return waits;
  const all: DependencyAtRest = { on, all: true, success: true, failure: false };
  return { ...waits, after: [...(waits?.after ?? []), all], takes: true };
}
