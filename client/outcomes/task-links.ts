import type { CloudPort } from "../cluster/cloud-port.ts";
import type { JobOutcomes } from "./outcome-store.ts";
import { type Resubmissions, resubmissionsOf } from "./resubmissions.ts";
import { DependencyReader, type TaskDependencies } from "./task-dependencies.ts";

/** Links of a task to others: those it waited for, and those connected by resubmission. */
export type TaskLinks = TaskDependencies & Resubmissions;

/** Reads the links between tasks. */
export class TaskLinkReader {
  readonly #cloud: Pick<CloudPort, "listRows">;
  readonly #dependencies: DependencyReader;

  constructor(cloud: Pick<CloudPort, "listRows">) {
    this.#cloud = cloud;
    this.#dependencies = new DependencyReader(cloud);
  }

  /** Resolves to a function that returns the links of the job's task at an index. */
  async of(outcomes: JobOutcomes): Promise<(task: number) => TaskLinks> {
    const [dependencies, resubmissions] = await Promise.all([
      this.#dependencies.of(outcomes),
      resubmissionsOf(this.#cloud, outcomes),
    ]);
    return (task) => ({ ...dependencies(task), ...resubmissions(task) });
  }
}
