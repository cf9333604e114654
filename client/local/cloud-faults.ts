import type { CloudVerbs, EnvironmentInfo } from "./cloud-verbs.ts";
import type { CallChannel } from "./processes/call-channel.ts";

/** All functions with a role in the cluster, or one function by its full name. */
export type FunctionLabel = "scheduler" | "report" | "engine" | (string & {});

/** Injects faults that also happen on AWS. For tests. */
export class CloudFaults {
  readonly #channel: Pick<CallChannel<CloudVerbs>, "call">;

  constructor(channel: Pick<CallChannel<CloudVerbs>, "call">) {
    this.#channel = channel;
  }

  /** Returns all execution environments that are alive. */
  async environments(): Promise<EnvironmentInfo[]> {
    return this.#channel.call("environments");
  }

  /**
   * Kills the environment that runs a virtual engine, immediately.
   *
   * @param engine the engine's id; default: any one busy engine
   * @returns the ids of the killed processes; empty if the engine, or every engine, is idle
   */
  async killEngine(engine?: number): Promise<number[]> {
    return this.#channel.call("kill", engine === undefined ? {} : { engine });
  }

  /**
   * Kills every busy environment of a function, immediately.
   *
   * @returns the killed environments' process ids; for environments that are threads, the id of the cloud's process,
   * which stays alive
   */
  async killBusy(label: FunctionLabel): Promise<number[]> {
    return this.#channel.call("kill", { label });
  }

  /** Ends every idle environment of a function, as Lambda may at any time. */
  async endIdle(label: FunctionLabel): Promise<void> {
    await this.#channel.call("endIdle", { label });
  }

  /** Loses the next `count` events of a function: the caller gets 202, but the function never runs. */
  async dropEvents(label: FunctionLabel, count = 1): Promise<void> {
    await this.#channel.call("dropEvents", { label, count });
  }

  /** Delivers each of the next `count` events of a function twice, concurrently. */
  async doubleEvents(label: FunctionLabel, count = 1): Promise<void> {
    await this.#channel.call("doubleEvents", { label, count });
  }

  /** Delays every event of a function by `delayMs` from now on; 0 turns the delay off. */
  async delayEvents(label: FunctionLabel, delayMs: number): Promise<void> {
    await this.#channel.call("delayEvents", { label, delayMs });
  }

  /** Runs the next `count` synchronous invocations of a function, but drops the connection instead of answering. */
  async loseAnswers(label: FunctionLabel, count = 1): Promise<void> {
    await this.#channel.call("loseAnswers", { label, count });
  }

  /**
   * Limits each of the functions to `environments` concurrent invocations and throttles the rest, like
   * PutFunctionConcurrency. Default: the limit set by the stack.
   */
  async reserveConcurrency(label: FunctionLabel, environments?: number): Promise<void> {
    await this.#channel.call("reserve", { label, environments });
  }

  /**
   * Fails the next `requests` DynamoDB requests as throttled. If `operation` is given, counts and fails only requests
   * of that operation.
   */
  async throttle(requests: number, operation?: string): Promise<void> {
    await this.#channel.call("throttle", { requests, operation });
  }

  /** Leaves half the items (rounded up) of each of the next `batches` BatchWriteItem calls unprocessed. */
  async leaveUnprocessed(batches: number): Promise<void> {
    await this.#channel.call("leaveUnprocessed", { batches });
  }

  /**
   * Kills DynamoDB immediately. With `dataDir`, it restarts with its tables. Without `dataDir`, the tables are lost and
   * the cloud ends.
   */
  async killDynamoDb(): Promise<void> {
    await this.#channel.call("killDynamoDb");
  }
}
