import type { ClientCore } from "../client-core.ts";
import type { JobOutcomes } from "./outcome-store.ts";
import { type Resubmissions, resubmissionsOf } from "./resubmissions.ts";
import type { TaskDependencies } from "./task-dependencies.ts";

/** The other tasks that a task has to do with. */
export type TaskLinks = TaskDependencies & Resubmissions;

/** Links of a job's tasks, by index. */
export async function taskLinks(
  core: Pick<ClientCore, "cloud" | "dependencies">,
  outcomes: JobOutcomes,
): Promise<(task: number) => TaskLinks> {
  const [dependencies, resubmissions] = await Promise.all([
    core.dependencies.of(outcomes),
    resubmissionsOf(core.cloud, outcomes),
  ]);
  return (task) => ({ ...dependencies(task), ...resubmissions(task) });
}
