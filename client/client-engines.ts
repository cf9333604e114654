import type { ClientEvents, EventHub } from "./client-events.ts";
import { type Asking, drain, scale, waitForEngines } from "./cluster/engine-roster.ts";
import { type QueueOptions, type QueueStatus, queueStatus } from "./cluster/queue-status.ts";
import type { WaitOptions } from "./flags/wait-options.ts";

/** What asks for a cluster's engines, and changes them. */
export interface EnginePorts extends Asking {
  events: EventHub;
}

/** A cluster's engines, as a client sees and changes them. */
export abstract class ClientEngines {
  readonly #ports: EnginePorts;

  constructor(ports: EnginePorts) {
    this.#ports = ports;
  }

  /**
   * Engine ids, ascending: a snapshot, refreshed by `connect`, `waitForEngines`, `scale`, `drain` and the `engine` event. As long as its
   * pool has an id, it means the same engine.
   */
  get ids(): number[] {
    return this.#ports.cluster.ids();
  }

  /**
   * Waits until the cluster has `count` engines. Refreshes `ids`, and which deployed functions exist: calls of unknown
   * ones are refused at once, by what this client last saw.
   *
   * @param options `timeoutMs`: default, or negative: no limit
   * @throws ResultTimeout after `timeoutMs`; the signal's reason
   * @example
   * await client.waitForEngines(4, { timeoutMs: 60_000 });
   */
  async waitForEngines(count: number, { timeoutMs = -1, signal }: WaitOptions = {}): Promise<void> {
    await waitForEngines(this.#ports, count, { timeoutMs, signal });
  }

  /**
   * Sets how many engines a pool has, and refreshes `ids`. New engines take the lowest free ids and start on queued work at once. When
   * scaling down, the engines with the highest ids are removed: they finish what they run, and work that only they could run
   * ends as ImpossibleDependency.
   *
   * @param pool name of the pool; `default` if none was given
   * @throws NoEnginesRegistered for an unknown pool
   * @example
   * await client.scale("default", 8);
   */
  async scale(pool: string, count: number): Promise<void> {
    await scale(this.#ports, pool, count);
  }

  /**
   * Takes engines out of their pools: they get no new work, and finish what they have. Resolves when they hold nothing, and refreshes
   * `ids`. `scale` brings engines back.
   *
   * @throws NoEnginesRegistered for unknown ids, ResultTimeout after `timeoutMs`; the signal's reason
   * @example
   * await client.drain([2, 3]);
   */
  async drain(ids: number | readonly number[], options: WaitOptions = {}): Promise<void> {
    await drain(this.#ports, typeof ids === "number" ? [ids] : ids, options);
  }

  /**
   * How many tasks of all clients are queued and how many wait on dependencies, and what each engine does.
   *
   * @param options `verbose`: lists of task ids instead of counts; `targets`: only these engines
   * @example
   * const { unassigned, engines } = await client.queueStatus();
   */
  queueStatus(options: QueueOptions & { verbose: true }): Promise<QueueStatus<string[]>>;
  queueStatus(options?: QueueOptions & { verbose?: false }): Promise<QueueStatus>;
  queueStatus(options: QueueOptions = {}): Promise<QueueStatus<number | string[]>> {
    return queueStatus(this.#ports, options);
  }

  /**
   * Calls `listener` at each event: `task` when one of this client's tasks has finished, `engine` when an engine joins or leaves,
   * `queue` when the numbers of tasks that engines hold change. The last two are looked for once a second. Nothing is polled
   * without listeners, and a listener keeps the process alive.
   *
   * @returns a function that removes the listener
   * @throws ClusterError when the client was closed
   * @example
   * const stop = client.on("task", ({ taskId, status }) => console.log(taskId, status));
   */
  on<Name extends keyof ClientEvents>(name: Name, listener: (event: ClientEvents[Name]) => void): () => void {
    return this.#ports.events.on(name, listener);
  }
}
