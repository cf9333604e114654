import { randomUUID } from "node:crypto";
import { ClusterError } from "../lambdas/protocol/errors.ts";
import type { ClusterStatus } from "../lambdas/protocol/scheduler-messages.ts";
import { EventHub } from "./client-events.ts";
import type { Clock } from "./cluster/clock.ts";
import type { CloudPort } from "./cluster/cloud-port.ts";
import type { Connection } from "./cluster/connection.ts";
import { SchedulerDoor } from "./cluster/scheduler-door.ts";
import { SubmissionHistory } from "./history/submission-history.ts";
import { Aborter } from "./outcomes/aborter.ts";
import { BlobReader } from "./outcomes/blob-reader.ts";
import { JobRegistry } from "./outcomes/job-registry.ts";
import { OutcomePoller } from "./outcomes/outcome-poller.ts";
import { SignalAborts } from "./outcomes/signal-aborts.ts";
import { DependencyReader } from "./outcomes/task-dependencies.ts";
import { BlobUploads } from "./submit/blob-uploads.ts";
import { FunctionUnits } from "./submit/function-units.ts";
import { Submitter } from "./submit/submitter.ts";

/** Longest that closing waits for messages under way to be answered. */
const CLOSE_MS = 10_000;

/** The parts of one client, wired. Views and results share it; none of them outlives it. */
export class ClientCore {
  readonly clock: Clock;
  readonly cloud: CloudPort;
  readonly door: SchedulerDoor;
  readonly units: FunctionUnits;
  readonly blobs: BlobReader;
  readonly poller: OutcomePoller;
  readonly uploads: BlobUploads;
  readonly submitter: Submitter;
  readonly aborter: Aborter;
  readonly jobs: JobRegistry;
  readonly signals: SignalAborts;
  readonly dependencies: DependencyReader;
  readonly events: EventHub;
  readonly history: SubmissionHistory = new SubmissionHistory();
  /** The pools as last seen, none where they are not known (inside a task): engine ids run through them in order. */
  pools: Connection["pools"];
  #isClosed = false;

  constructor(cloud: CloudPort, clock: Clock, pools: Connection["pools"], units = new FunctionUnits()) {
    this.clock = clock;
    this.units = units;
    this.cloud = cloud;
    this.pools = pools;
    this.door = new SchedulerDoor(cloud, clock);
    this.blobs = new BlobReader(cloud);
    this.poller = new OutcomePoller(cloud, clock);
    this.uploads = new BlobUploads(cloud);
    this.submitter = new Submitter(this.door, this.units, this.uploads, clock, randomUUID());
    this.aborter = new Aborter(this.door, this.submitter);
    this.signals = new SignalAborts(this.aborter);
    this.jobs = new JobRegistry(cloud, clock, (outcomes, task) => {
      this.history.ended(outcomes);
      this.signals.ended(outcomes);
      this.events.ended(outcomes, task);
    });
    this.events = new EventHub(this);
    this.dependencies = new DependencyReader(cloud);
  }

  /** What tells its cluster from others; undefined inside a task. */
  get cluster(): string | undefined {
    return this.cloud.cluster;
  }

  /** Ends every wait, once what was submitted has been sent. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.events.close();
    await this.#settledInTime();
    this.poller.close(
      new ClusterError("the client was closed; its tasks go on, and any client gets their results by id"),
    );
    this.cloud.close();
  }

  /** Throws ClusterError when the client was closed. */
  assertOpen(): void {
    if (this.#isClosed) throw new ClusterError("the client was closed");
  }

  /** A scheduler that never answers does not keep a client from closing. */
  async #settledInTime(): Promise<void> {
    let cancel = () => {};
    const late = new Promise<void>((resolve) => {
      cancel = this.clock.after(CLOSE_MS, resolve);
    });
    await Promise.race([this.submitter.settled(), late]);
    cancel();
  }

  /** Keeps what was seen of the cluster: its pools, and which code it takes. */
  saw({ pools, code }: Pick<ClusterStatus, "pools" | "code">): void {
    this.pools = pools;
    this.units.rules = { ...this.units.rules, ...code };
  }

  get engineCount(): number {
    return this.pools.reduce((sum, { count }) => sum + count, 0);
  }
}
