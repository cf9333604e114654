import type { DependencyAtRest, WaitGroup } from "../../lambdas/protocol/dependency.ts";
import { jobKey } from "../../lambdas/protocol/rows.ts";
import { taskId } from "../../lambdas/protocol/task-id.ts";
import { parseWaitPage } from "../../lambdas/protocol/wait-page.ts";
import type { CloudPort } from "../cluster/cloud-port.ts";
import type { JobOutcomes } from "./outcome-store.ts";

/** Ids of the tasks given as a task's `after` and `follow`. */
export interface TaskDependencies {
  after: readonly string[];
  follow: readonly string[];
}

interface DependencyRange extends TaskDependencies {
  from: number;
  to: number;
}

const NONE: TaskDependencies = { after: [], follow: [] };
/** Sort keys of the wait groups in their job's partition. */
const WAIT_ROWS = { from: "w#", to: "w$" };

/**
 * Reads the dependencies of tasks from their job's rows: once per job, and not at all if its tasks depend on nothing.
 */
export class DependencyReader {
  readonly #cloud: Pick<CloudPort, "listRows">;
  readonly #known = new WeakMap<JobOutcomes, Promise<DependencyRange[]>>();

  constructor(cloud: Pick<CloudPort, "listRows">) {
    this.#cloud = cloud;
  }

  /**
   * Resolves to a function that returns the dependencies of the job's task at an index. Tasks that wait for the same
   * ids share their lists.
   */
  async of(outcomes: JobOutcomes): Promise<(task: number) => TaskDependencies> {
    if (outcomes.header?.free === undefined) return () => NONE;
    const reading = this.#known.get(outcomes) ?? this.#read(outcomes.job);
    this.#known.set(outcomes, reading);
    reading.catch(() => this.#known.delete(outcomes));
    const ranges = await reading;
    return (task) => ranges.find(({ from, to }) => task >= from && task < to) ?? NONE;
  }

  async #read(job: string): Promise<DependencyRange[]> {
    const rows = await this.#cloud.listRows(jobKey(job).pk, WAIT_ROWS);
    return rows.flatMap(parseWaitPage).map((group) => rangeOf(job, group));
  }
}

function rangeOf(job: string, { from, to, after, follow }: WaitGroup): DependencyRange {
  return { from, to, after: after.flatMap((one) => parents(job, one)), follow: follow ? parents(job, follow) : [] };
}

/** Ids of the parents; an empty job id means the depending task's own job. */
function parents(job: string, { on }: DependencyAtRest): string[] {
  return on.flatMap(([parent, from, to]) =>
    Array.from({ length: to - from }, (_, at) => taskId(parent || job, from + at)),
  );
}
