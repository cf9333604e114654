import { mergedRanges } from "../../lambdas/protocol/index-ranges.ts";
import type { CloudPort } from "../cluster/cloud-port.ts";
import { readArguments } from "../outcomes/argument-reader.ts";
import type { JobOutcomes } from "../outcomes/outcome-store.ts";
import { wholePart } from "../outcomes/result-part.ts";
import { shownArguments } from "../results/shown-arguments.ts";
import { type Waiting, waitForTasks } from "../results/task-wait.ts";
import { FailureGroups } from "./failure-groups.ts";
import type { EndedTask, FailureRow, JobRow, JobUpdate } from "./live-data.ts";
import type { Overview, OverviewReader } from "./overview-reader.ts";

/** Maximum number of tasks that the page of a job lists; of larger jobs, those that ended first. */
const MAX_TASKS = 20_000;

/** Everything read about a job so far. */
export interface JobReading extends Pick<JobUpdate, "held" | "waiting" | "unlisted"> {
  job: JobRow;
  /** Tasks in the order in which their ends were read; only appended to. */
  ended: readonly EndedTask[];
  failures: Iterable<FailureRow>;
}

/** The parts of a client that read a job's tasks. */
interface JobReaderPorts extends Waiting {
  cloud: Pick<CloudPort, "listRows">;
}

/** Reads the tasks of one job while a page shows it. */
export class JobReader {
  readonly #ports: JobReaderPorts;
  readonly #outcomes: JobOutcomes;
  readonly #isListed: Uint8Array;
  readonly #ended: EndedTask[] = [];
  readonly #failures = new FailureGroups();
  #unlisted = 0;

  constructor(ports: JobReaderPorts, outcomes: JobOutcomes) {
    this.#ports = ports;
    this.#outcomes = outcomes;
    this.#isListed = new Uint8Array(outcomes.header?.tasks ?? 0);
  }

  /** Reads the job's new outcomes; undefined if the job no longer exists. */
  async read(reader: OverviewReader, { queue, roster }: Overview): Promise<JobReading | undefined> {
    const { job } = this.#outcomes;
    const row = await reader.readJob(job, queue, roster, this.#outcomes);
    if (!row) return undefined;
    // The overview no longer reads the outcomes of a job that has ended.
    await waitForTasks(this.#ports, [wholePart(this.#outcomes)], { timeoutMs: 0 });
    this.#list();
    await this.#readArguments();
    const held = queue.engines.flatMap(({ id, tasks }) => {
      const own = tasks.filter((some) => some.job === job).flatMap(({ ranges }) => ranges);
      if (own.length === 0) return [];
      const since = roster.find((engine) => engine.id === id)?.assigned ?? 0;
      return [{ engine: id, since, ranges: mergedRanges(own) }];
    });
    const waiting = mergedRanges(queue.waiting.flatMap((some) => (some.job === job ? some.ranges : [])));
    const { rows } = this.#failures;
    return { job: row, ended: this.#ended, unlisted: this.#unlisted, held, waiting, failures: rows };
  }

  /** Reads the arguments that the page shows with failures: once per task, and only for a few tasks of each group. */
  async #readArguments(): Promise<void> {
    const tasks = this.#failures.withoutArguments;
    if (tasks.length === 0) return;
    const isChunk = this.#outcomes.header?.chunked === true;
    const found = await readArguments(this.#ports.cloud, this.#outcomes, tasks);
    const textOf = (task: number) => {
      const args = found.get(task);
      return (args === undefined ? undefined : shownArguments(args, isChunk)) ?? "";
    };
    this.#failures.addArguments(new Map(tasks.map((task) => [task, textOf(task)])));
  }

  #list(): void {
    for (let task = 0; task < this.#isListed.length; task++) {
      if (this.#isListed[task] === 1 || !this.#outcomes.isFinal(task)) continue;
      this.#isListed[task] = 1;
      const final = this.#outcomes.final(task);
      if (!final) continue;
      const { status, engine = null, started = null, completed, attempt, error } = final;
      if (status !== "ok") this.#failures.add(task, status, error);
      if (this.#ended.length >= MAX_TASKS) {
        this.#unlisted++;
        continue;
      }
      const ran = started === null || completed === undefined ? null : Math.max(0, completed - started);
      this.#ended.push([task, status, engine, started, ran, attempt]);
    }
  }
}
