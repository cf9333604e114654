import { randomUUID } from "node:crypto";
import { setImmediate as turn } from "node:timers/promises";
import { ClusterError } from "../lambdas/protocol/errors.ts";
import type { ClusterStatus } from "../lambdas/protocol/scheduler-messages.ts";
import { EventHub } from "./client-events.ts";
import type { Clock } from "./cluster/clock.ts";
import type { CloudPort } from "./cluster/cloud-port.ts";
import type { Connection } from "./cluster/connection.ts";
import { SchedulerDoor } from "./cluster/scheduler-door.ts";
import { SubmissionHistory } from "./submit/submission-history.ts";
import { Aborter } from "./outcomes/aborter.ts";
import { BlobReader } from "./outcomes/blob-reader.ts";
import { JobRegistry } from "./outcomes/job-registry.ts";
import { lastLook } from "./outcomes/last-look.ts";
import { OutcomePoller } from "./outcomes/outcome-poller.ts";
import type { JobOutcomes } from "./outcomes/outcome-store.ts";
import { SignalAborts } from "./outcomes/signal-aborts.ts";
import { DependencyReader } from "./outcomes/task-dependencies.ts";
import { UnawaitedFailures } from "./outcomes/unawaited-failures.ts";
import { BlobUploads } from "./submit/blob-uploads.ts";
import { FunctionUnits } from "./submit/function-units.ts";
import { Submitter } from "./submit/submitter.ts";

/** Longest that closing waits for messages under way to be answered. */
const CLOSE_MS = 10_000;
/** Longest that closing looks for failures of what nobody awaited. */
const LAST_LOOK_MS = 500;

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
  readonly unawaited: UnawaitedFailures = new UnawaitedFailures((job) => this.jobs.known(job));
  readonly signals: SignalAborts;
  readonly dependencies: DependencyReader;
  readonly events: EventHub;
  readonly history: SubmissionHistory = new SubmissionHistory();
  /** The pools as last seen, none where they are not known (inside a task): engine ids run through them in order. */
  pools: Connection["pools"];
  #isClosed = false;
  /** Jobs that this client has submitted, of which a task has failed. */
  readonly #failing = new WeakSet<JobOutcomes>();

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
    this.aborter = new Aborter(this.door, this.submitter, this.unawaited);
    this.signals = new SignalAborts(this.aborter);
    this.jobs = new JobRegistry(cloud, clock, (outcomes, task) => {
      this.#noteEnd(outcomes, task);
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

  /**
   * Ends every wait, once what was submitted has been sent.
   *
   * @param tell is given one line about failures that nobody awaited, if there are any
   */
  async close(tell?: (line: string) => void): Promise<void> {
    this.#isClosed = true;
    this.events.close();
    await this.#inTime(CLOSE_MS, this.submitter.settled());
    if (tell) await this.#inTime(LAST_LOOK_MS, lastLook(this));
    this.poller.close(
      new ClusterError("the client was closed. Its tasks keep running; get their results by id from another client"),
    );
    this.cloud.close();
    if (!tell) return;
    // Who waits for what has just come reads it first.
    await turn();
    const line = this.unawaited.report();
    if (line !== undefined) tell(line);
  }

  /** Throws ClusterError when the client was closed. */
  assertOpen(): void {
    if (this.#isClosed) throw new ClusterError("the client was closed");
  }

  /** A scheduler that never answers does not keep a client from closing. */
  async #inTime(ms: number, work: Promise<void>): Promise<void> {
    let cancel = () => {};
    const late = new Promise<void>((resolve) => {
      cancel = this.clock.after(ms, resolve);
    });
    await Promise.race([work, late]);
    cancel();
  }

  /** Outcomes of others' tasks, and those read a second time, are not this client's to report. */
  #noteEnd(outcomes: JobOutcomes, task: number): void {
    if (!this.#failing.has(outcomes)) {
      if (!this.history.isUnfinished(outcomes.job)) return;
      this.#failing.add(outcomes);
    }
    this.unawaited.ended(outcomes, task);
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
