import type { DependencyAtRest, WaitGroup } from "../../lambdas/protocol/dependency.ts";
import { jobKey } from "../../lambdas/protocol/rows.ts";
import { taskId } from "../../lambdas/protocol/task-id.ts";
import { parseWaitPage } from "../../lambdas/protocol/wait-page.ts";
import type { CloudPort } from "../cluster/cloud-port.ts";
import type { JobOutcomes } from "./outcome-store.ts";

/** Ids of the tasks that a task waited for. */
export interface TaskDependencies {
  after: readonly string[];
  follow: readonly string[];
}

interface DependencyRange extends TaskDependencies {
  from: number;
  to: number;
}

const NONE: TaskDependencies = { after: [], follow: [] };
/** Where the rows of wait groups lie in their job's partition. */
const WAIT_ROWS = { from: "w#", to: "w$" };

/** What tasks depend on, as their job's rows tell it. Read once a job, and not at all of jobs whose tasks depend on nothing. */
export class DependencyReader {
  readonly #cloud: Pick<CloudPort, "listRows">;
  readonly #known = new WeakMap<JobOutcomes, Promise<DependencyRange[]>>();

  constructor(cloud: Pick<CloudPort, "listRows">) {
    this.#cloud = cloud;
  }

  /** Dependencies of a job's tasks, by index. Tasks that wait for the same share their lists. */
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

/** An empty job id is the depending task's own. */
function parents(job: string, { on }: DependencyAtRest): string[] {
  return on.flatMap(([parent, from, to]) =>
    Array.from({ length: to - from }, (_, at) => taskId(parent || job, from + at)),
  );
}
