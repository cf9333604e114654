import type { ClientEvents, EventHub } from "./client-events.ts";
import { type Asking, drain, scale, waitForEngines } from "./cluster/engine-roster.ts";
import { type QueueOptions, type QueueStatus, queueStatus } from "./cluster/queue-status.ts";
import type { WaitOptions } from "./flags/wait-options.ts";

/** The parts of a client that list a cluster's engines and change them. */
export interface EnginePorts extends Asking {
  events: EventHub;
}

/** The methods of a client that list, wait for, scale and drain engines. */
export abstract class ClientEngines {
  readonly #ports: EnginePorts;

  constructor(ports: EnginePorts) {
    this.#ports = ports;
  }

  /**
   * Engine ids, ascending. A snapshot, taken on connecting and refreshed by `waitForEngines`, `scale`, `drain` and the
   * polling for `engine` and `queue` events. An id refers to the same engine for as long as the engine's pool contains
   * the id.
   */
  get ids(): number[] {
    return this.#ports.cluster.ids();
  }

  /**
   * Waits until the cluster has `count` engines. Refreshes `ids` and the list of deployed functions. A call to a
   * function that is not in the list is rejected without asking the scheduler.
   *
   * @param options `timeoutMs`: longest wait in milliseconds; negative (the default): no limit
   * @throws ResultTimeout after `timeoutMs`; the signal's reason if it is aborted
   * @example
   * await client.waitForEngines(4, { timeoutMs: 60_000 });
   */
  async waitForEngines(count: number, { timeoutMs = -1, signal }: WaitOptions = {}): Promise<void> {
    await waitForEngines(this.#ports, count, { timeoutMs, signal });
  }

  /**
   * Sets how many engines a pool has, and refreshes `ids`. New engines take the lowest free ids and start on queued
   * work at once. When scaling down, the engines with the highest ids are removed: they finish the tasks that they
   * hold, and tasks that only they could run fail with ImpossibleDependency unless `waitForNew` is set.
   *
   * @param pool name of the pool; `default` if the cluster was created without named pools
   * @throws NoEnginesRegistered for an unknown pool
   * @example
   * await client.scale("default", 8);
   */
  async scale(pool: string, count: number): Promise<void> {
    await scale(this.#ports, pool, count);
  }

  /**
   * Removes engines from their pools: they get no new work and finish the tasks that they hold. Resolves when they hold
   * none, and refreshes `ids`. `scale` brings engines back.
   *
   * @throws NoEnginesRegistered for ids above those of all engines, present and former (lower ids without an engine are
   * ignored); ResultTimeout after `timeoutMs`; the signal's reason if it is aborted
   * @example
   * await client.drain([2, 3]);
   */
  async drain(ids: number | readonly number[], options: WaitOptions = {}): Promise<void> {
    await drain(this.#ports, typeof ids === "number" ? [ids] : ids, options);
  }

  /**
   * Counts the tasks, of all clients, that are queued or wait on dependencies, and the tasks that each engine holds.
   *
   * @param options `verbose`: lists of task ids instead of counts; `targets`: only these engines. Default: counts, all
   *   engines
   * @example
   * const { unassigned, engines } = await client.queueStatus();
   */
  queueStatus(options: QueueOptions & { verbose: true }): Promise<QueueStatus<string[]>>;
  queueStatus(options?: QueueOptions & { verbose?: false }): Promise<QueueStatus>;
  queueStatus(options: QueueOptions = {}): Promise<QueueStatus<number | string[]>> {
    return queueStatus(this.#ports, options);
  }

  /**
   * Calls `listener` on each event: `task` when a task has finished (one of this client's, or one whose outcome it
   * reads), `engine` when an engine joins or leaves, `queue` when the number of tasks on an engine changes. `engine`
   * and `queue` are polled once a second. Without listeners nothing is polled for them. An `engine` or `queue` listener
   * keeps the process alive, and a `task` listener does while this client's tasks are unfinished.
   *
   * @returns a function that removes the listener
   * @throws ClusterError if the client was closed
   * @example
   * const stop = client.on("task", ({ taskId, status }) => console.log(taskId, status));
   */
  on<Name extends keyof ClientEvents>(name: Name, listener: (event: ClientEvents[Name]) => void): () => void {
    return this.#ports.events.on(name, listener);
  }
}
