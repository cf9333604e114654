import { ClientEngines, type EnginePorts } from "./client-engines.ts";
import type { WaitOptions } from "./flags/wait-options.ts";
import { dbQuery, type Querying, type QueryOptions, type TaskQuery } from "./history/db-query.ts";
import { type HistoryRange, hubHistory } from "./history/hub-history.ts";
import { type Purging, purgeResults } from "./history/purge-results.ts";
import { type Aborting, type AbortReport, abortTasks } from "./outcomes/abort-report.ts";
import { AsyncResult } from "./results/async-result.ts";
import { type Finding, getResult } from "./results/get-result.ts";
import { namedTasks, type ResultStatus, resultStatus, type Tasks, timelineOf, waitFor } from "./results/named-tasks.ts";
import type { TaskMetadata } from "./results/result-metadata.ts";
import type { TimelineBar } from "./results/result-timeline.ts";
import { type ResubmitFlags, type Resubmitting, resubmit } from "./submit/resubmit.ts";
import type { SubmissionHistory } from "./submit/submission-history.ts";
import type { TimelineWriter } from "./timeline/timeline-writer.ts";

/** The parts of a client that find tasks and results, and act on them. */
export interface TaskPorts extends EnginePorts, Finding, Resubmitting, Querying, Purging, Aborting {
  submitter: Resubmitting["submitter"];
  history: SubmissionHistory;
  writeTimeline: TimelineWriter | undefined;
}

/** The methods of a client that work on tasks and results by id, whichever client submitted them. */
export abstract class ClientTasks extends ClientEngines {
  readonly #ports: TaskPorts;

  constructor(ports: TaskPorts) {
    super(ports);
    this.#ports = ports;
  }

  /**
   * Gets the result of tasks that any process submitted, until they expire: the value for a task id, the list of values
   * (with chunks flattened) for several ids, and for a job id a result of the same shape as the submitting call's. The
   * result of an unknown id rejects with UnknownTask.
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
   * Runs finished tasks again: the same functions, arguments and flags under new ids, which are available at once.
   * Flags given here replace the old ones; `undefined` removes one. An id given twice is resubmitted once.
   *
   * The result has the same shape as one from `getResult`. It rejects with NotFinished, which names the task, if a task
   * has no outcome yet, and with UnknownTask if one is unknown. In both cases no task is resubmitted.
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
   * Aborts tasks. Queued tasks end at once as TaskAborted, running tasks end soon, and finished tasks are unchanged.
   *
   * @returns the task ids, grouped by what the abort did to the tasks, once the scheduler has recorded the abort
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

  /**
   * Ids in `history` of tasks without an outcome, as far as this client knows. It polls for outcomes only while
   * something waits or listens for them.
   */
  get outstanding(): string[] {
    return this.#ports.history.outstandingIds();
  }

  /**
   * Waits until tasks have finished, whatever their outcome.
   *
   * @param jobs ids, results, or a list of them. Default: everything that this client has submitted
   * @returns whether all finished in time
   * @throws InvalidId, UnknownTask; the signal's reason
   * @example
   * await client.wait(undefined, { timeoutMs: 60_000 });
   */
  wait(jobs?: Tasks, options: WaitOptions = {}): Promise<boolean> {
    return waitFor(this.#ports, jobs, options);
  }

  /**
   * Lists which tasks have finished and which have succeeded. Polls once, without waiting.
   *
   * @throws InvalidId, UnknownTask
   * @example
   * const { pending, failed } = await client.resultStatus(client.history);
   */
  resultStatus(jobs: Tasks): Promise<ResultStatus> {
    return resultStatus(this.#ports, jobs);
  }

  /**
   * The timeline of tasks of any number of jobs and results, as `AsyncResult.timeline` for one result: all attempts that
   * have ended so far, ordered by start, and a file with them if one is named. Polls once.
   *
   * @param jobs ids, results, or a list of them
   * @param file path of an `.html`, `.svg` or `.json` file, which is replaced if it exists. Default: no file
   * @throws InvalidFlag for another extension, or a folder that does not exist; InvalidId, UnknownTask
   * @example
   * await client.timeline([parsed, counted], "run.html");
   */
  timeline(jobs: Tasks, file?: string): Promise<TimelineBar[]> {
    return timelineOf(this.#ports, jobs, file);
  }

  /**
   * Ids of the unexpired tasks that any client has submitted to this cluster in a range of time, in the order of
   * submission.
   *
   * @param range by time of submission and label. Default: the last 31 days, all labels
   * @example
   * const ids = await client.hubHistory({ label: "nightly" });
   */
  hubHistory(range: HistoryRange = {}): Promise<string[]> {
    return hubHistory(this.#ports, range);
  }

  /**
   * Deletes finished tasks and their results, for every client: their ids are unknown from then on. `"all"` deletes all
   * finished tasks that any client submitted in the last 31 days. Without this call, results are deleted when they
   * expire (`retentionDays` of the stack).
   *
   * @throws InvalidId, UnknownTask, or NotFinished, which names a task without an outcome; nothing is deleted then
   * @example
   * await client.purgeResults(result);
   */
  purgeResults(tasks: Tasks | "all"): Promise<void> {
    return purgeResults(this.#ports, tasks);
  }

  /**
   * Finds the tasks of any client that match a query. Returns one record per task, with the keys of `metadata()`, in
   * the order of submission.
   *
   * A condition is a value, or an object with `$eq $ne $lt $lte $gt $gte $in $nin $exists $glob`; an absent field
   * equals null. If the query names `jobId` or `taskId`, only those are searched; otherwise the time range given for
   * `submitted`. Default range: the last day, or the last 31 days if a `label` is given.
   *
   * @throws InvalidQuery, which names the key or operator; InvalidId for a malformed `jobId` or `taskId`
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
