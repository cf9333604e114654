import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { Client } from "../../client/index.ts";
import { type Cloud, type CloudOptions, startCloud } from "../../client/local/index.ts";
import type { ClusterStatus, SchedulerAnswer, SchedulerMessage } from "../../lambdas/protocol/scheduler-messages.ts";

/** An embedded cloud and a client of it, for the tests of one file. After each test the cluster must be at rest: no load, no hints. */
export class TestCluster {
  #cloud: Cloud | undefined;
  #client: Client | undefined;
  #lambda: LambdaClient | undefined;

  constructor(options: Partial<CloudOptions> = {}) {
    beforeAll(async () => {
      this.#cloud = await startCloud({ pools: [{ name: "default", count: 2 }], ...options });
      this.#client = await Client.connect({ urlFile: this.#cloud.urlFile });
      const { region, endpoints, credentials } = this.#cloud.connection;
      if (!endpoints || !credentials) throw new Error("the embedded cloud tells no endpoints");
      this.#lambda = new LambdaClient({ region, endpoint: endpoints.lambda, credentials });
    });
    afterEach(() => this.atRest());
    afterAll(async () => {
      await this.#client?.close();
      await this.#cloud?.close();
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

  /** One message to the scheduler's door, past the client. */
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
}

function summary({ engines, hints }: ClusterStatus): { hints: number; loads: number } {
  return { hints, loads: engines.reduce((sum, { load }) => sum + load, 0) };
}
