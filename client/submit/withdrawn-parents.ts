import { dependencyState } from "../../lambdas/core/dependency-state.ts";
import type { DependencyAtRest } from "../../lambdas/protocol/dependency.ts";
import type { EncodedError } from "../../lambdas/protocol/outcome-page.ts";
import { taskId } from "../../lambdas/protocol/task-id.ts";
import type { JobRegistry } from "../outcomes/job-registry.ts";
import type { TaskWaits } from "./task-waits.ts";

/** The remaining waits of a task, or why it can never run. */
export type LeftToWait = { waits: TaskWaits | undefined; impossible?: undefined } | { impossible: EncodedError };

/**
 * Removes parents that were withdrawn before they were sent. They have ended as aborted, and the scheduler does not
 * know them.
 */
export function withoutWithdrawn(jobs: JobRegistry, waits: TaskWaits | undefined): LeftToWait {
  const { after = [], follow, ...rest } = waits ?? {};
  const left: DependencyAtRest[] = [];
  for (const dependency of after) {
    const judged = judge(jobs, dependency, false);
    if (judged && "code" in judged) return { impossible: judged };
    if (judged) left.push(judged);
  }
  const place = follow && judge(jobs, follow, true);
  if (place && "code" in place) return { impossible: place };
  if (left.length === 0 && !place) return { waits: undefined };
  return { waits: { ...rest, after: left, ...(place ? { follow: place } : {}) } };
}

/** The dependency on the other parents, `undefined` if it is met, or the error if it can never be met. */
function judge(
  jobs: JobRegistry,
  dependency: DependencyAtRest,
  isLocation: boolean,
): DependencyAtRest | EncodedError | undefined {
  const on = dependency.on.filter(([job]) => !jobs.isWithdrawn(job));
  if (on.length === dependency.on.length) return dependency;
  const aborted = { status: "aborted", first: 0, lease: "" } as const;
  const state = dependencyState(dependency, "", (job) => (jobs.isWithdrawn(job) ? aborted : undefined), isLocation);
  switch (state.is) {
    case "met":
      return undefined;
    case "waiting":
      return { ...dependency, on };
    case "impossible": {
      const { parent, reason } = state;
      const id = taskId(parent.job, parent.index);
      const evalue = `it depends on task ${id}, which ${reason}`;
      return { code: "ImpossibleDependency", ename: "ImpossibleDependency", evalue, dependency: id, reason };
    }
  }
}
