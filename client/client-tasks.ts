import { ClientEngines, type EnginePorts } from "./client-engines.ts";
import type { WaitOptions } from "./flags/wait-options.ts";
import { dbQuery, type Querying, type QueryOptions, type TaskQuery } from "./history/db-query.ts";
import { type HistoryRange, hubHistory } from "./history/hub-history.ts";
import { type Purging, purgeResults } from "./history/purge-results.ts";
import { type Aborting, type AbortReport, abortTasks } from "./outcomes/abort-report.ts";
import { AsyncResult } from "./results/async-result.ts";
import { type Finding, getResult } from "./results/get-result.ts";
import { namedTasks, type ResultStatus, resultStatus, type Tasks, waitFor } from "./results/named-tasks.ts";
import type { TaskMetadata } from "./results/result-metadata.ts";
import { type ResubmitFlags, type Resubmitting, resubmit } from "./submit/resubmit.ts";
import type { SubmissionHistory } from "./submit/submission-history.ts";

/** What finds tasks and results, and acts on them. */
export interface TaskPorts extends EnginePorts, Finding, Resubmitting, Querying, Purging, Aborting {
  submitter: Resubmitting["submitter"];
  history: SubmissionHistory;
}

/** Tasks and results by their ids, whoever submitted them. */
export abstract class ClientTasks extends ClientEngines {
  readonly #ports: TaskPorts;

  constructor(ports: TaskPorts) {
    super(ports);
    this.#ports = ports;
  }

  /**
   * The result of what any process submitted, on any day until it expires: the value of a task id, the list of values of several (chunks
   * flattened), the job's own shape of a job id. Unknown ids reject with UnknownTask.
   *
   * @throws InvalidId for anything but an id
   * @example
   * const value = await client.getResult<number>(taskId);
   */
  getResult<T, Item>(result: AsyncResult<T, Item>): AsyncResult<T, Item>;
  getResult<T = unknown>(id: string): AsyncResult<T>;
  getResult<T = unknown>(ids: readonly string[]): AsyncResult<T[]>;
  getResult(wanted: string | readonly string[] | AsyncResult<unknown, unknown>): AsyncResult<unknown, unknown> {
    return wanted instanceof AsyncResult ? wanted : getResult(this.#ports, wanted);
  }

  /**
   * Runs finished tasks once more: the same functions, arguments and flags under new ids, which are known at once. Given flags
   * replace the old ones; `undefined` removes one. An id given twice is resubmitted once.
   *
   * The result has the shape of `getResult`'s. If a task has no outcome yet, it rejects with NotFinished, which names the task; if one is
   * unknown, with UnknownTask. In both cases no task is resubmitted.
   *
   * @throws InvalidId for anything but an id, InvalidFlag, NoEnginesRegistered
   * @example
   * const again = client.resubmit(failedIds, { retries: 2 });
   */
  resubmit<T = unknown>(id: string, flags?: ResubmitFlags): AsyncResult<T>;
  resubmit<T = unknown>(ids: readonly string[], flags?: ResubmitFlags): AsyncResult<T[]>;
  resubmit(wanted: string | readonly string[], flags: ResubmitFlags = {}): AsyncResult<unknown, unknown> {
    return this.#ports.results.of<unknown, unknown>(resubmit(this.#ports, wanted, flags));
  }

  /**
   * Aborts tasks: queued ones end at once as TaskAborted, running ones soon, finished ones stay as they are.
   *
   * @returns which tasks were which, once the scheduler has taken note
   * @throws InvalidId, UnknownTask
   * @example
   * const { aborted, stopping } = await client.abort(client.outstanding);
   */
  async abort(tasks: Tasks): Promise<AbortReport> {
    return abortTasks(this.#ports, await namedTasks(this.#ports, tasks));
  }

  /** Ids of all tasks that this client has submitted, each once, in the order of submission. */
  get history(): string[] {
    return this.#ports.history.ids();
  }

  /** The ids of `history` without an outcome, as far as this client knows: it polls only while something waits. */
  get outstanding(): string[] {
    return this.#ports.history.outstandingIds();
  }

  /**
   * Waits until tasks have finished, whatever their outcome.
   *
   * @param jobs ids, results, or a list of them. Default: everything that this client has submitted
   * @returns whether all had finished in time
   * @throws InvalidId, UnknownTask; the signal's reason
   * @example
   * await client.wait(undefined, { timeoutMs: 60_000 });
   */
  wait(jobs?: Tasks, options: WaitOptions = {}): Promise<boolean> {
    return waitFor(this.#ports, jobs, options);
  }

  /**
   * Which tasks have an outcome, and which have not. Looks once.
   *
   * @throws InvalidId, UnknownTask
   * @example
   * const { pending, failed } = await client.resultStatus(client.history);
   */
  resultStatus(jobs: Tasks): Promise<ResultStatus> {
    return resultStatus(this.#ports, jobs);
  }

  /**
   * Ids of all tasks that any client has submitted to this cluster, in the order of submission, until they expire.
   *
   * @param range default: the last 31 days, all labels
   * @example
   * const ids = await client.hubHistory({ label: "nightly" });
   */
  hubHistory(range: HistoryRange = {}): Promise<string[]> {
    return hubHistory(this.#ports, range);
  }

  /**
   * Deletes finished tasks and their results, for every client: their ids are unknown from then on. `"all"` deletes everything that
   * has finished, of any client. Otherwise results are deleted when they expire (`retentionDays` of the stack).
   *
   * @throws InvalidId, UnknownTask, NotFinished that names a task without an outcome; then nothing was deleted
   * @example
   * await client.purgeResults(result);
   */
  purgeResults(tasks: Tasks | "all"): Promise<void> {
    return purgeResults(this.#ports, tasks);
  }

  /**
   * One record for each task of any client that matches a query, in the order of submission, with the keys of `metadata()`.
   *
   * Conditions are values, or `$eq $ne $lt $lte $gt $gte $in $nin $exists $glob`; an absent field equals null. The search covers `jobId`
   * or `taskId` if the query names them, otherwise the time given for `submitted`: by default the last day, all days with a `label`.
   *
   * @throws InvalidQuery that names what is wrong, InvalidId for a malformed `jobId` or `taskId`
   * @example
   * const failed = await client.dbQuery({ label: "nightly", status: { $ne: "ok" } }, { keys: ["error"] });
   */
  dbQuery<Key extends keyof TaskMetadata = keyof TaskMetadata>(
    query: TaskQuery,
    options: QueryOptions<Key> = {},
  ): Promise<Pick<TaskMetadata, Key | "taskId">[]> {
    return dbQuery(this.#ports, query, options);
  }
}
