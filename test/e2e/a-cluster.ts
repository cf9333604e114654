import { afterAll, afterEach, beforeAll } from "vitest";
import { Client } from "../../client/index.ts";
import { type Cloud, type CloudOptions, startCloud } from "../../client/local/index.ts";
import type { ClusterStatus, SchedulerAnswer } from "../../lambdas/protocol/scheduler-answer.ts";
import type { SchedulerMessage } from "../../lambdas/protocol/scheduler-messages.ts";
import { askScheduler, expectAtRest, expectSoundCloud, statusOf } from "./sound-cloud.ts";

const DEFAULTS = { pools: [{ name: "default", count: 2 }] };

/** The cloud shared by all files in this process that need no special options. It ends with the process. */
let shared: Promise<Cloud> | undefined;

/**
 * An embedded cloud and a client, for the tests of one file. After each test the cluster must be at rest, and its
 * tables must satisfy the invariants of the simulation.
 */
export class TestCluster {
  #cloud: Cloud | undefined;
  #client: Client | undefined;

  /** @param options without any, the files in this process share one cloud */
  constructor(options?: Partial<CloudOptions>) {
    beforeAll(async () => {
      shared ??= options ? undefined : startCloud(DEFAULTS);
      this.#cloud = options ? await startCloud({ ...DEFAULTS, ...options }) : await shared;
      this.#client = await Client.connect({ urlFile: this.cloud.urlFile });
    });
    afterEach(async () => {
      try {
        if (this.#cloud) await expectSoundCloud(this.#cloud);
      } catch (error) {
        // The next file starts a new cloud.
        shared = undefined;
        throw error;
      }
    });
    afterAll(async () => {
      await this.#client?.close();
      if (options || !shared) await this.#cloud?.close();
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

  /** Sends the scheduler function a message, bypassing the client. */
  async ask(message: SchedulerMessage | Record<string, unknown>): Promise<SchedulerAnswer> {
    return await askScheduler(this.cloud, message);
  }

  async status(): Promise<ClusterStatus> {
    return await statusOf(this.cloud);
  }

  /** Waits until no engine holds anything and nothing is queued. */
  async atRest(): Promise<void> {
    if (this.#cloud) await expectAtRest(this.#cloud);
  }
}
