/// <reference lib="esnext.disposable" preserve="true" />
import type { CodeRules } from "../lambdas/protocol/code-rules.ts";
import { INSPECT } from "../lambdas/protocol/inspection.ts";
import { ClientCore } from "./client-core.ts";
import type { ClientEvents } from "./client-events.ts";
import { throwIfAborted } from "./cluster/abortable.ts";
import { AwsCloud } from "./cluster/aws-cloud.ts";
import { systemClock } from "./cluster/clock.ts";
import type { CloudPort } from "./cluster/cloud-port.ts";
import type { Connection } from "./cluster/connection.ts";
import { askStatus, drain, scale, waitForEngines } from "./cluster/engine-roster.ts";
import { type ClusterAddress, type ConnectOptions, findCluster } from "./cluster/find-cluster.ts";
import { type LocalOptions, startLocalCluster } from "./cluster/local-cluster.ts";
import { type QueueOptions, type QueueStatus, queueStatus } from "./cluster/queue-status.ts";
import { checkReportUnawaited } from "./cluster/report-unawaited.ts";
import type { Flags } from "./flags/view-flags.ts";
import type { WaitOptions } from "./flags/wait-options.ts";
import { dbQuery, type QueryOptions, type TaskQuery } from "./history/db-query.ts";
import { type HistoryRange, hubHistory } from "./history/hub-history.ts";
import { purgeResults } from "./history/purge-results.ts";
import { type AbortReport, abortTasks } from "./outcomes/abort-report.ts";
import { AsyncResult } from "./results/async-result.ts";
import { getResult } from "./results/get-result.ts";
import { namedTasks, type ResultStatus, resultStatus, type Tasks, waitFor } from "./results/named-tasks.ts";
import type { TaskMetadata } from "./results/result-metadata.ts";
import { type ResubmitFlags, resubmit } from "./submit/resubmit.ts";
import { type DirectFlags, type DirectTargets, DirectView } from "./views/direct-view.ts";
import { LoadBalancedView } from "./views/view.ts";

/** One cluster, as a script uses it. */
export class Client implements AsyncDisposable {
  /** How any process reaches the same cluster: `Client.connect(client.connection)`. */
  readonly connection: ClusterAddress;
  readonly #core: ClientCore;
  readonly #closeCluster: () => Promise<void>;
  readonly #reportsUnawaited: boolean;
  #closing: Promise<void> | undefined;

  private constructor(
    core: ClientCore,
    connection: ClusterAddress,
    closeCluster: () => Promise<void>,
    reportsUnawaited: boolean,
  ) {
    this.#reportsUnawaited = reportsUnawaited;
    this.#core = core;
    this.connection = connection;
    this.#closeCluster = closeCluster;
  }

  /**
   * Connects to a cluster that runs: by `urlFile`, else the profile's, else the stack at `endpoint` or in the AWS account.
   *
   * @throws NoCluster that lists what was tried; the signal's reason
   */
  static async connect(options: ConnectOptions = {}): Promise<Client> {
    checkReportUnawaited(options.reportUnawaited);
    const { address, opened } = await findCluster(options, async (connection) => {
      const cloud = new AwsCloud(connection, options.awsProfile);
      try {
        const status = await askStatus(cloud, { type: "status" });
        // Who gave up meanwhile is not told of it.
        throwIfAborted(options.signal);
        return { cloud, status };
      } catch (error) {
        cloud.close();
        throw error;
      }
    });
    const { pools, code } = opened.status;
    return Client.#over(opened.cloud, { pools, code: { ...code, mayBeOld: true } }, address, async () => {}, options);
  }

  /**
   * Starts a cluster that lives in processes of this one's own, and ends with `close()` or with this process.
   *
   * @throws InvalidFlag that names what is wrong with the options
   */
  static async local(options: LocalOptions = {}): Promise<Client> {
    const { connection, address, ended, close } = await startLocalCluster(options);
    const cloud = new AwsCloud(connection);
    try {
      // What a module exports the scheduler knows.
      const code = options.functions === undefined ? EMPTY : (await askStatus(cloud, { type: "status" })).code;
      const client = Client.#over(cloud, { pools: connection.pools, code }, address, close, options);
      void ended.then((why) => {
        if (!why) return;
        cloud.end(why);
        client.#core.poller.close(why);
      });
      return client;
    } catch (error) {
      cloud.close();
      await close();
      throw error;
    }
  }

  static #over(
    cloud: CloudPort,
    { pools, code }: { pools: Connection["pools"]; code: CodeRules },
    address: ClusterAddress,
    closeCluster: () => Promise<void>,
    { reportUnawaited = true }: { reportUnawaited?: boolean | undefined },
  ): Client {
    const core = new ClientCore(cloud, systemClock, pools);
    core.units.rules = code;
    return new Client(core, address, closeCluster, reportUnawaited);
  }

  /** Engine ids, ascending, as they were when `connect`, `waitForEngines`, `scale` or `drain` last looked. An id never changes hands while its pool has it. */
  get ids(): number[] {
    return this.#core.cluster.ids();
  }

  /**
   * A view that sends tasks wherever the scheduler's scheme decides.
   *
   * @throws InvalidFlag, or NoEnginesRegistered for `targets` that do not exist
   */
  loadBalancedView(flags: Flags = {}): LoadBalancedView {
    return new LoadBalancedView(this.#core, flags);
  }

  /**
   * A view of chosen engines: of one by its id, of several, of a pool by its name; without targets of all there are at each call.
   *
   * @throws InvalidFlag, or NoEnginesRegistered for engines that do not exist
   */
  directView(targets: number, flags?: DirectFlags): DirectView<true>;
  directView(targets?: readonly number[] | string, flags?: DirectFlags): DirectView<false>;
  directView(targets?: DirectTargets, flags: DirectFlags = {}): DirectView {
    return new DirectView(this.#core, targets, flags);
  }

  /**
   * The result of what any process submitted, on any day until it expires: of a task id its value, of several the list of
   * theirs (chunks flattened), of a job id the job's own shape. Unknown ids reject with UnknownTask.
   *
   * @throws InvalidId for what is no id
   */
  getResult<T, Item>(result: AsyncResult<T, Item>): AsyncResult<T, Item>;
  getResult<T = unknown>(id: string): AsyncResult<T>;
  getResult<T = unknown>(ids: readonly string[]): AsyncResult<T[]>;
  getResult(wanted: string | readonly string[] | AsyncResult<unknown, unknown>): AsyncResult<unknown, unknown> {
    return wanted instanceof AsyncResult ? wanted : getResult(this.#core, wanted);
  }

  /**
   * Runs finished tasks once more: the same functions, arguments and flags under new ids, which are known at once. Flags given
   * replace the old ones; `undefined` takes one back. An id given twice is resubmitted once.
   *
   * The result has the shape of `getResult`'s. It rejects with NotFinished, which names the task, while one has no
   * outcome, and with UnknownTask; then none was resubmitted.
   *
   * @throws InvalidId for what is no id, InvalidFlag, NoEnginesRegistered
   */
  resubmit<T = unknown>(id: string, flags?: ResubmitFlags): AsyncResult<T>;
  resubmit<T = unknown>(ids: readonly string[], flags?: ResubmitFlags): AsyncResult<T[]>;
  resubmit(wanted: string | readonly string[], flags: ResubmitFlags = {}): AsyncResult<unknown, unknown> {
    return this.#core.results.of<unknown, unknown>(resubmit(this.#core, wanted, flags));
  }

  /**
   * Aborts tasks: queued ones end at once as TaskAborted, running ones soon, ended ones stay as they are. Resolves once the scheduler
   * took note, to which of them were which.
   *
   * @throws InvalidId, UnknownTask
   */
  async abort(tasks: Tasks): Promise<AbortReport> {
    return abortTasks(this.#core, await namedTasks(this.#core, tasks));
  }

  /** Ids of all tasks that this client has submitted, each once, in the order of their submission. */
  get history(): string[] {
    return this.#core.history.ids();
  }

  /** Those of `history` whose end this client has not heard of: it asks only while somebody waits. */
  get outstanding(): string[] {
    return this.#core.history.outstandingIds();
  }

  /**
   * Waits until tasks have ended, whatever their outcome.
   *
   * @param jobs ids, results, or a list of them. Default: everything that this client has submitted
   * @returns whether all had ended in time
   * @throws InvalidId, UnknownTask; the signal's reason
   */
  wait(jobs?: Tasks, options: WaitOptions = {}): Promise<boolean> {
    return waitFor(this.#core, jobs, options);
  }

  /**
   * Which tasks have an outcome, and which do not, by one look.
   *
   * @throws InvalidId, UnknownTask
   */
  resultStatus(jobs: Tasks): Promise<ResultStatus> {
    return resultStatus(this.#core, jobs);
  }

  /** Ids of all tasks that any client has submitted to this cluster, in the order of their submission, until they expire. */
  hubHistory(range: HistoryRange = {}): Promise<string[]> {
    return hubHistory(this.#core, range);
  }

  /**
   * Forgets finished tasks and their results, for every client: their ids are unknown from then on. `"all"` forgets whatever
   * has finished, of any client. Without it, everything is forgotten when it expires (`retentionDays` of the stack).
   *
   * @throws InvalidId, UnknownTask, NotFinished that names a task without an outcome; then nothing was forgotten
   */
  purgeResults(tasks: Tasks | "all"): Promise<void> {
    return purgeResults(this.#core, tasks);
  }

  /**
   * One record for each task of any client that meets a query, in the order of their submission, with the keys of `metadata()`.
   *
   * Conditions are values, or `$eq $ne $lt $lte $gt $gte $in $nin $exists $glob`; an absent field equals null. Looks by `jobId` or
   * `taskId` if the query names them, else in the time given for `submitted`: by default the last day, with a `label` all days.
   *
   * @throws InvalidQuery that names what is wrong, InvalidId for a `jobId` or `taskId` that is none
   */
  dbQuery<Key extends keyof TaskMetadata = keyof TaskMetadata>(
    query: TaskQuery,
    options: QueryOptions<Key> = {},
  ): Promise<Pick<TaskMetadata, Key | "taskId">[]> {
    return dbQuery(this.#core, query, options);
  }

  /**
   * Waits until the cluster has that many engines, and refreshes `ids`, and which deployed functions there are: calls of others
   * are refused at once, by what this client has last seen.
   *
   * @throws ResultTimeout when it has not in time; the signal's reason
   */
  async waitForEngines(count: number, { timeoutMs = -1, signal }: WaitOptions = {}): Promise<void> {
    await waitForEngines(this.#core, count, { timeoutMs, signal });
  }

  /**
   * Sets how many engines a pool has, and refreshes `ids`. More take work that waits at once, under the lowest free ids; fewer: the
   * highest ids go, what they run is finished first, and work that only they could run ends as ImpossibleDependency.
   *
   * @throws NoEnginesRegistered for a pool that there is not
   */
  async scale(pool: string, count: number): Promise<void> {
    await scale(this.#core, pool, count);
  }

  /**
   * Takes engines out of their pools: they get no more work, and finish what they have. Resolves when they hold nothing, and refreshes
   * `ids`; `scale` brings engines back.
   *
   * @throws NoEnginesRegistered for unknown ids, ResultTimeout when they are not done in time; the signal's reason
   */
  async drain(ids: number | readonly number[], options: WaitOptions = {}): Promise<void> {
    await drain(this.#core, typeof ids === "number" ? [ids] : ids, options);
  }

  /** How many tasks are queued, how many wait for others, and what each engine does; with `verbose` their ids. Of all clients. */
  queueStatus(options: QueueOptions & { verbose: true }): Promise<QueueStatus<string[]>>;
  queueStatus(options?: QueueOptions & { verbose?: false }): Promise<QueueStatus>;
  queueStatus(options: QueueOptions = {}): Promise<QueueStatus<number | string[]>> {
    return queueStatus(this.#core, options);
  }

  /**
   * Calls `listener` at each event: `task` when one of this client's tasks has ended, `engine` when an engine joins or leaves,
   * `queue` when the numbers of tasks that engines hold change. The last two by a look each second; nothing is asked while nobody
   * listens. A listener keeps the process alive.
   *
   * @returns ends the listening
   * @throws ClusterError when the client was closed
   */
  on<Name extends keyof ClientEvents>(name: Name, listener: (event: ClientEvents[Name]) => void): () => void {
    return this.#core.events.on(name, listener);
  }

  /**
   * Sends what is still to be sent, ends all waiting with ClusterError, and a cluster of this client's own. Tasks elsewhere go on.
   *
   * Tasks that failed and whose results nobody awaited are reported in one line on stderr, unless `reportUnawaited` is false. For that, it
   * looks once, for half a second at most, at tasks that have not ended yet as far as this client knows.
   */
  close(): Promise<void> {
    this.#closing ??= this.#core.close(this.#reportsUnawaited ? writeLine : undefined).finally(this.#closeCluster);
    return this.#closing;
  }

  /** Its cluster, and how many engines that had when last seen, in one line, for `console.log`. */
  [INSPECT](): string {
    const { profile, stack, tenant, urlFile } = this.connection;
    const where = profile !== undefined ? `profile ${profile}` : stack !== undefined ? `stack ${stack}` : urlFile;
    const { engineCount } = this.#core.cluster;
    const facts = [where, tenant && `tenant ${tenant}`, `${engineCount} ${engineCount === 1 ? "engine" : "engines"}`];
    return `Client { ${[...facts, this.#closing && "closed"].filter(Boolean).join(", ")} }`;
  }

  /** As `close()`, at the end of the block of an `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

function writeLine(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Of a cluster to which no module was given. */
const EMPTY: CodeRules = { shipping: true, functions: [] };
