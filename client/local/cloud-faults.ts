import type { CallChannel } from "./call-channel.ts";
import type { CloudVerbs, EnvironmentInfo } from "./cloud-verbs.ts";

/** A function by its role in the cluster, or by its full name. */
export type FunctionLabel = "scheduler" | "report" | "engine" | (string & {});

/** Makes a cloud behave badly, in ways that AWS does now and then. For tests. */
export class CloudFaults {
  readonly #channel: Pick<CallChannel<CloudVerbs>, "call">;

  constructor(channel: Pick<CallChannel<CloudVerbs>, "call">) {
    this.#channel = channel;
  }

  /** Every execution environment there is. */
  async environments(): Promise<EnvironmentInfo[]> {
    return this.#channel.call("environments");
  }

  /**
   * Kills, at once, the environment that runs a virtual engine.
   *
   * @param engine its id; absent: any one that is at work
   * @returns the ids of the processes; none when the engine runs nothing
   */
  async killEngine(engine?: number): Promise<number[]> {
    return this.#channel.call("kill", engine === undefined ? {} : { engine });
  }

  /** Kills, at once, every environment in which a function is at work. Gives the ids of the processes. */
  async killBusy(label: FunctionLabel): Promise<number[]> {
    return this.#channel.call("kill", { label });
  }

  /** Loses the next `count` events of a function: the caller is told 202, and nothing follows. */
  async dropEvents(label: FunctionLabel, count = 1): Promise<void> {
    await this.#channel.call("dropEvents", { label, count });
  }

  /** Delivers each of the next `count` events of a function twice, at the same time. */
  async doubleEvents(label: FunctionLabel, count = 1): Promise<void> {
    await this.#channel.call("doubleEvents", { label, count });
  }

  /** Delivers every event of a function `delayMs` late from now on; 0 ends it. */
  async delayEvents(label: FunctionLabel, delayMs: number): Promise<void> {
    await this.#channel.call("delayEvents", { label, delayMs });
  }

  /** Runs the next `count` invocations of a function that somebody waits for, and cuts the line instead of answering. */
  async loseAnswers(label: FunctionLabel, count = 1): Promise<void> {
    await this.#channel.call("loseAnswers", { label, count });
  }

  /**
   * Gives each of the functions so many environments at once and refuses what goes beyond, as PutFunctionConcurrency does;
   * absent: as many as the stack says.
   */
  async reserveConcurrency(label: FunctionLabel, environments?: number): Promise<void> {
    await this.#channel.call("reserve", { label, environments });
  }

  /** Refuses the next `requests` to DynamoDB (of one operation only, where one is named) for too much throughput. */
  async throttle(requests: number, operation?: string): Promise<void> {
    await this.#channel.call("throttle", { requests, operation });
  }

  /** Leaves half the items of each of the next `batches` BatchWriteItem calls unprocessed. */
  async leaveUnprocessed(batches: number): Promise<void> {
    await this.#channel.call("leaveUnprocessed", { batches });
  }
}
