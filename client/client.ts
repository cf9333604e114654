/// <reference lib="esnext.disposable" preserve="true" />
import type { CodeRules } from "../lambdas/protocol/code-rules.ts";
import { INSPECT } from "../lambdas/protocol/inspection.ts";
import { ClientCore } from "./client-core.ts";
import { ClientTasks } from "./client-tasks.ts";
import { throwIfAborted } from "./cluster/abortable.ts";
import { systemClock } from "./cluster/clock.ts";
import type { CloudPort } from "./cluster/cloud-port.ts";
import { askStatus } from "./cluster/engine-roster.ts";
import { type ClusterAddress, type ConnectOptions, findCluster } from "./cluster/find-cluster.ts";
import { type LocalOptions, startLocalCluster } from "./cluster/local-cluster.ts";
import type { QueueOptions, QueueStatus } from "./cluster/queue-status.ts";
import { checkReportUnawaited } from "./cluster/report-unawaited.ts";
import { SchedulerFunction } from "./cluster/scheduler-function.ts";
import type { Connection } from "./connection/connection.ts";
import type { Dashboard } from "./dashboard/dashboard.ts";
import type { Flags } from "./flags/flags.ts";
import type { QueryOptions } from "./history/db-query.ts";
import type { HistoryRange } from "./history/hub-history.ts";
import type { FieldQuery, Operand } from "./history/query-match.ts";
import type { ResultStatus } from "./results/named-tasks.ts";
import { timelineWriter } from "./timeline/timeline-writer.ts";
import { type DirectFlags, type DirectTargets, DirectView } from "./views/direct-view.ts";
import { type Estimate, type EstimateOptions, estimate } from "./views/estimate.ts";
import { LoadBalancedView } from "./views/view.ts";

/**
 * A connection to one cluster, from which a script gets its views and results.
 *
 * @example
 * await using client = await Client.local();
 * const squares = await client.loadBalancedView().map((x: number) => x * x, [1, 2, 3]);
 */
export class Client extends ClientTasks implements AsyncDisposable {
  /** Address of this cluster. Any process can connect to it with `Client.connect(client.connection)`. */
  readonly connection: ClusterAddress;
  readonly #core: ClientCore;
  readonly #closeCluster: () => Promise<void>;
  readonly #reportsUnawaited: boolean;
  readonly #dashboards: Dashboard[] = [];
  #closing: Promise<void> | undefined;

  private constructor(
    core: ClientCore,
    connection: ClusterAddress,
    closeCluster: () => Promise<void>,
    reportsUnawaited: boolean,
  ) {
    super(core);
    this.#reportsUnawaited = reportsUnawaited;
    this.#core = core;
    this.connection = connection;
    this.#closeCluster = closeCluster;
  }

  /**
   * Connects to a running cluster: that of `urlFile` or of the variable FANTAIL_CONNECTION, or else the profile's or
   * the stack's. `ConnectOptions` says when each of these is searched.
   *
   * @throws NoCluster, which lists the places tried; the signal's reason if it is aborted
   * @example
   * const client = await Client.connect({ stack: "Fantail", region: "eu-west-1" });
   */
  static async connect(options: ConnectOptions = {}): Promise<Client> {
    checkReportUnawaited(options.reportUnawaited);
    const { address, connected: found } = await findCluster(options, async (connection) => {
      const { AwsCloud } = await loadAwsCloud();
      const cloud = new AwsCloud(connection, options.awsProfile);
      try {
        const status = await askStatus(new SchedulerFunction(cloud, systemClock), { type: "status" });
        // If the caller gave up while the status was being read, create no client.
        throwIfAborted(options.signal);
        return { cloud, status };
      } catch (error) {
        cloud.close();
        throw error;
      }
    });
    const { pools, code } = found.status;
    return Client.#over(found.cloud, { pools, code: { ...code, mayBeOld: true } }, address, async () => {}, options);
  }

  /**
   * Starts an embedded cluster in child processes. It ends with `close()` or with this process.
   *
   * @throws InvalidFlag, which names the invalid option; ClusterError if the cluster cannot start; FantailError under
   * Bun and Deno
   * @example
   * const client = await Client.local({ engines: 8, scheme: "lru" });
   */
  static async local(options: LocalOptions = {}): Promise<Client> {
    const { connection, address, ended, close } = await startLocalCluster(options);
    const { AwsCloud } = await loadAwsCloud();
    const cloud = new AwsCloud(connection);
    try {
      // Only the scheduler knows which functions the module exports.
      const scheduler = new SchedulerFunction(cloud, systemClock);
      const code = options.functions === undefined ? EMPTY : (await askStatus(scheduler, { type: "status" })).code;
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
    core.writeTimeline = timelineWriter;
    return new Client(core, address, closeCluster, reportUnawaited);
  }

  /**
   * Makes a load-balanced view: the scheduler's scheme chooses an engine for each task.
   *
   * @throws InvalidFlag, which names the flag; NoEnginesRegistered for `targets` that do not exist
   * @example
   * const view = client.loadBalancedView({ retries: 2, timeoutMs: 60_000 });
   */
  loadBalancedView(flags: Flags = {}): LoadBalancedView {
    return new LoadBalancedView(this.#core, flags);
  }

  /**
   * Makes a view of chosen engines: one by its id, several, or a pool by its name. Default: all engines that exist at
   * each call.
   *
   * @throws InvalidFlag, which names the flag; NoEnginesRegistered for engines that do not exist, or if there are none
   * @example
   * await client.directView([0, 1]).push({ limit: 5 });
   */
  directView(targets: number, flags?: DirectFlags): DirectView<true>;
  directView(targets?: readonly number[] | string, flags?: DirectFlags): DirectView<false>;
  directView(targets?: DirectTargets, flags: DirectFlags = {}): DirectView {
    return new DirectView(this.#core, targets, flags);
  }

  /**
   * Estimates what `view.map(fn, xs)` would cost, how long it would take, and at which memory it would be cheapest.
   *
   * Runs a sample of items spread over `xs`: *these tasks really run*, have all their effects, and are billed. Assumes
   * the cluster's current engines and high-water mark, and that no other job runs.
   *
   * @returns rejects with a task's error if all tasks of a part of the sample fail
   * @throws as `view.map`; InvalidFlag for `sample` or a flag
   * @example
   * const { usd, low, high, seconds } = await client.estimate(render, pages, { sample: 20 });
   */
  estimate<X, R>(fn: (x: X) => R, xs: Iterable<X>, options?: EstimateOptions): Promise<Estimate> {
    return estimate(this.#core, fn, xs, options);
  }

  /**
   * Serves a page that shows the cluster while it works: its jobs with their failures, its engines and its queue, with
   * buttons to abort and resubmit. The page is served on loopback until the dashboard or the client is closed, and does
   * not keep the process alive by itself. The cluster is read only while the page is open and visible.
   *
   * @throws ClusterError if the client was closed
   * @example
   * const dashboard = await client.dashboard();
   * console.log(dashboard.url);
   */
  async dashboard(): Promise<Dashboard> {
    this.#core.submitter.assertOpen();
    const { openDashboard } = await import("./dashboard/dashboard.ts");
    const dashboard = await openDashboard(this.#core, this.connection);
    this.#dashboards.push(dashboard);
    return dashboard;
  }

  /**
   * Sends the submissions that are still queued, ends every wait with ClusterError, and shuts down the embedded cluster
   * if `Client.local` started it. Tasks on other clusters keep running.
   *
   * Reports failed tasks whose results nobody awaited in one line on stderr, unless `reportUnawaited` is false. To find
   * them, it polls the tasks without an outcome once, for at most half a second.
   *
   * @example
   * await client.close();
   */
  close(): Promise<void> {
    for (const dashboard of this.#dashboards) void dashboard.close();
    this.#closing ??= this.#core.close(this.#reportsUnawaited ? writeLine : undefined).finally(this.#closeCluster);
    return this.#closing;
  }

  /** One line for `console.log`: the cluster, and its number of engines as last seen. */
  [INSPECT](): string {
    const { profile, stack, tenant, urlFile } = this.connection;
    const where = profile !== undefined ? `profile ${profile}` : stack !== undefined ? `stack ${stack}` : urlFile;
    const { engineCount } = this.#core.cluster;
    const facts = [where, tenant && `tenant ${tenant}`, `${engineCount} ${engineCount === 1 ? "engine" : "engines"}`];
    return `Client { ${[...facts, this.#closing && "closed"].filter(Boolean).join(", ")} }`;
  }

  /** Closes the client, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/**
 * Loads the AWS SDK on demand: it takes longer to load than all of fantail, and a program may import the client without
 * using it.
 */
function loadAwsCloud(): Promise<typeof import("./cluster/aws-cloud.ts")> {
  return import("./cluster/aws-cloud.ts");
}

function writeLine(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** The code rules of a cluster that was started without a module of functions. */
const EMPTY: CodeRules = { shipping: true, functions: [] };

/** Types of the arguments and results of a client's methods. */
export declare namespace Client {
  export type {
    Dashboard,
    Estimate,
    EstimateOptions,
    FieldQuery,
    HistoryRange,
    Operand,
    QueryOptions,
    QueueOptions,
    QueueStatus,
    ResultStatus,
  };
}
