import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { Client } from "../../client/index.ts";
import { type Cloud, type CloudOptions, startCloud } from "../../client/local/index.ts";
import type { ClusterStatus, SchedulerAnswer } from "../../lambdas/protocol/scheduler-answer.ts";
import type { SchedulerMessage } from "../../lambdas/protocol/scheduler-messages.ts";
import { unsound } from "../simulation/unsound.ts";
import { readTables } from "./read-tables.ts";

const DEFAULTS = { pools: [{ name: "default", count: 2 }] };

/** The cloud of all files in this process that ask for nothing special. It ends with the process. */
let shared: Promise<Cloud> | undefined;

/**
 * An embedded cloud and a client of it, for the tests of one file. After each test the cluster must be at rest, and its tables must hold
 * what the invariants of the simulation allow, and nothing else.
 */
export class TestCluster {
  #cloud: Cloud | undefined;
  #client: Client | undefined;
  #lambda: LambdaClient | undefined;

  /** @param options without any the cloud is that of other files too, one after the other */
  constructor(options?: Partial<CloudOptions>) {
    beforeAll(async () => {
      shared ??= options ? undefined : startCloud(DEFAULTS);
      this.#cloud = options ? await startCloud({ ...DEFAULTS, ...options }) : await shared;
      this.#client = await Client.connect({ urlFile: this.cloud.urlFile });
      const { region, endpoints, credentials } = this.cloud.connection;
      if (!endpoints || !credentials) throw new Error("the embedded cloud tells no endpoints");
      this.#lambda = new LambdaClient({ region, endpoint: endpoints.lambda, credentials });
    });
    afterEach(async () => {
      try {
        await this.#expectSound();
      } catch (error) {
        // The next file's tests have no part in it.
        shared = undefined;
        throw error;
      }
    });
    afterAll(async () => {
      await this.#client?.close();
      if (options || !shared) await this.#cloud?.close();
      this.#lambda?.destroy();
    });
  }

  get cloud(): Cloud {
    if (!this.#cloud) throw new Error("the cloud has not started");
    return this.#cloud;
  }

  get client(): Client {
    if (!this.#client) throw new Error("the cloud has not started");
    return this.#client;
  }

  /** Sends the scheduler function a message, past the client. */
  async ask(message: SchedulerMessage | Record<string, unknown>): Promise<SchedulerAnswer> {
    const Payload = Buffer.from(JSON.stringify(message));
    const answer = await this.#lambda?.send(
      new InvokeCommand({ FunctionName: this.cloud.connection.scheduler, Payload }),
    );
    if (answer?.FunctionError) throw new Error(Buffer.from(answer.Payload ?? []).toString());
    return JSON.parse(Buffer.from(answer?.Payload ?? []).toString()) as SchedulerAnswer;
  }

  async status(): Promise<ClusterStatus> {
    const answer = await this.ask({ type: "status" });
    if (answer.type !== "status") throw new Error(JSON.stringify(answer));
    return answer.status;
  }

  /** Waits until no engine holds anything and nothing is queued: the last report may still be on its way when its results are here. */
  async atRest(): Promise<void> {
    if (!this.#cloud) return;
    await expect
      .poll(async () => summary(await this.status()), { timeout: 15_000, interval: 50 })
      .toEqual({ hints: 0, loads: 0 });
  }

  async #expectSound(): Promise<void> {
    if (!this.#cloud) return;
    await this.atRest();
    const look = async () => unsound(await readTables(this.cloud), Date.now());
    const left = await look();
    if (left.length === 0) return;
    // Sessions end a moment later, and the sweeps look after the rest.
    await expect
      .poll(
        async () => {
          await this.ask({ type: "sweep" });
          return look();
        },
        { timeout: 15_000, interval: 100 },
      )
      .toEqual([]);
  }
}

function summary({ engines, hints }: ClusterStatus): { hints: number; loads: number } {
  return { hints, loads: engines.reduce((sum, { load }) => sum + load, 0) };
}
