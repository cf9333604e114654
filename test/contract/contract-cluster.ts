import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { AwsCloud } from "../../client/cluster/aws-cloud.ts";
import { findCluster } from "../../client/cluster/find-cluster.ts";
import type { Connection } from "../../client/connection/connection.ts";
import { Client, type Flags } from "../../client/index.ts";
import { unpackOutcomePage } from "../../lambdas/protocol/packed-page.ts";
import { bucketOf } from "../../lambdas/protocol/rows.ts";
import type { ClusterStatus } from "../../lambdas/protocol/scheduler-answer.ts";
import type { SchedulerMessage } from "../../lambdas/protocol/scheduler-messages.ts";
import { BUCKET_TASKS } from "../../lambdas/protocol/spec-page.ts";
import { parseTaskId, taskId } from "../../lambdas/protocol/task-id.ts";
import type { ContractCloud, ContractTarget } from "./contract-cloud.ts";

const START_MS = 900_000;
const REST_MS = 20_000;

/** The state after a test. */
interface AtRest {
  entries: number;
  loads: number;
  /** Tasks of this client without an outcome, or with more than one. */
  odd: string[];
}

/**
 * A cluster on some cloud, for the tests of one file. After each test it must be at rest, and every task must have one
 * outcome.
 */
export class ContractCluster {
  readonly patience: number;
  #cloud: ContractCloud | undefined;
  #client: Client | undefined;
  #connection: Connection | undefined;
  #scheduler: AwsCloud | undefined;

  constructor(target: ContractTarget) {
    this.patience = target.patience ?? 1;
    const restMs = REST_MS * this.patience;
    beforeAll(async () => {
      this.#cloud = await target.start();
      const found = await findCluster(this.#cloud.address, async (connection: Connection) => connection);
      this.#connection = found.connected;
      this.#scheduler = new AwsCloud(found.connected);
    }, START_MS);
    afterEach(async () => {
      try {
        await this.#expectRest(restMs);
        await this.#cloud?.expectSound?.();
      } finally {
        await this.#client?.close();
        this.#client = undefined;
      }
    }, restMs * 2);
    afterAll(async () => {
      this.#scheduler?.close();
      await this.#cloud?.stop();
    }, 60_000);
  }

  get cloud(): ContractCloud {
    if (!this.#cloud) throw new Error("the cloud has not started");
    return this.#cloud;
  }

  /** Names of the cluster's resources. */
  get connection(): Connection {
    if (!this.#connection) throw new Error("the cloud has not started");
    return this.#connection;
  }

  /** The client of the current test: its history contains the test's submissions. */
  async client(): Promise<Client> {
    this.#client ??= await Client.connect(this.cloud.address);
    return this.#client;
  }

  /** Returns a view of the client, of the pool `default` unless the flags say otherwise. */
  async view(flags: Flags = {}) {
    return (await this.client()).loadBalancedView({ targets: "default", ...flags });
  }

  /** Sends the scheduler a message, bypassing the client. */
  async send(message: SchedulerMessage): Promise<void> {
    const answer = await this.#aws.ask(JSON.stringify(message));
    if (answer.type === "error") throw new Error(`${message.type} was refused: ${answer.message}`);
  }

  async status(): Promise<ClusterStatus> {
    const answer = await this.#aws.ask(JSON.stringify({ type: "status" }));
    if (answer.type !== "status") throw new Error(JSON.stringify(answer));
    return answer.status;
  }

  get #aws(): AwsCloud {
    if (!this.#scheduler) throw new Error("the cloud has not started");
    return this.#scheduler;
  }

  async #expectRest(timeout: number): Promise<void> {
    if (!this.#scheduler) return;
    const rest: AtRest = { entries: 0, loads: 0, odd: [] };
    await expect.poll(() => this.#atRest(), { timeout, interval: 100 }).toEqual(rest);
  }

  async #atRest(): Promise<AtRest> {
    const { engines, hints } = await this.status();
    const loads = engines.reduce((sum, { load }) => sum + load, 0);
    return {
      entries: hints,
      loads,
      odd: hints + loads > 0 ? [] : await this.#withoutOneOutcome(this.#client?.history ?? []),
    };
  }

  /** Counts outcomes in the table itself, bypassing the client. */
  async #withoutOneOutcome(ids: readonly string[]): Promise<string[]> {
    const places = ids.map(parseTaskId);
    const outcomes = new Map(ids.map((id) => [id, 0]));
    const buckets = new Map(places.map(({ job, index }) => [`${job} ${bucketOf(index)}`, { job, index }]));
    for (const { job, index } of buckets.values()) {
      const first = bucketOf(index) * BUCKET_TASKS;
      const pages = await this.#aws.outcomePages(job, bucketOf(index), first, first + BUCKET_TASKS);
      for (const entry of pages.flatMap((page) => unpackOutcomePage({ pk: job, ...page }).entries)) {
        const id = taskId(job, entry.index);
        if (entry.final) outcomes.set(id, (outcomes.get(id) ?? 0) + 1);
      }
    }
    return [...outcomes].flatMap(([id, count]) => (count === 1 ? [] : [`${id}: ${count} outcomes`]));
  }
}
