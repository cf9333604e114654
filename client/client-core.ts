import { randomUUID } from "node:crypto";
import { setImmediate as turn } from "node:timers/promises";
import { ClusterError } from "../lambdas/protocol/errors.ts";
import { EventHub } from "./client-events.ts";
import type { Clock } from "./cluster/clock.ts";
import type { CloudPort } from "./cluster/cloud-port.ts";
import { KnownCluster } from "./cluster/known-cluster.ts";
import { SchedulerFunction } from "./cluster/scheduler-function.ts";
import type { Connection } from "./connection/connection.ts";
import type { Cost } from "./cost/cost.ts";
import { Aborter } from "./outcomes/aborter.ts";
import { BlobReader } from "./outcomes/blob-reader.ts";
import { finalPoll } from "./outcomes/final-poll.ts";
import { JobRegistry } from "./outcomes/job-registry.ts";
import { OutcomePoller } from "./outcomes/outcome-poller.ts";
import type { JobOutcomes } from "./outcomes/outcome-store.ts";
import type { ResultPart } from "./outcomes/result-part.ts";
import { SignalAborts } from "./outcomes/signal-aborts.ts";
import { TaskLinkReader } from "./outcomes/task-links.ts";
import { UnawaitedFailures } from "./outcomes/unawaited-failures.ts";
import { resultCost } from "./results/result-cost.ts";
import { Results } from "./results/results.ts";
import { BlobUploads } from "./submit/blob-uploads.ts";
import { FunctionUnits } from "./submit/function-units.ts";
import { SentTasks } from "./submit/sent-tasks.ts";
import { SubmissionHistory } from "./submit/submission-history.ts";
import { Submitter } from "./submit/submitter.ts";
import type { TimelineWriter } from "./timeline/timeline-writer.ts";
import { NamedValues } from "./views/named-values.ts";

/** Maximum time that `close` waits until all submissions are sent and answered, in milliseconds. */
const CLOSE_MS = 10_000;
/** Maximum time that `close` spends polling for failures that nobody awaited, in milliseconds. */
const FINAL_POLL_MS = 500;

/**
 * The parts of one client, wired together. Only code that creates a client uses this class. Each part declares the few
 * other parts that it needs, and the constructor passes them to it.
 */
export class ClientCore {
  readonly clock: Clock;
  readonly cloud: CloudPort;
  readonly cluster: KnownCluster;
  readonly scheduler: SchedulerFunction;
  readonly units: FunctionUnits;
  readonly blobs: BlobReader;
  readonly poller: OutcomePoller;
  readonly uploads: BlobUploads;
  readonly submitter: Submitter;
  readonly aborter: Aborter;
  readonly jobs: JobRegistry;
  readonly unawaited: UnawaitedFailures = new UnawaitedFailures((job) => this.jobs.known(job));
  readonly signals: SignalAborts;
  readonly links: TaskLinkReader;
  readonly events: EventHub;
  readonly history: SubmissionHistory = new SubmissionHistory();
  readonly sent: SentTasks;
  readonly results: Results;
  readonly names: NamedValues;
  /** Writes timelines to files; set where the client is created, but not in a task. */
  writeTimeline: TimelineWriter | undefined;
  /**
   * This client's jobs with at least one ended task. They are kept here because `history` may forget a job before the
   * ends of its last tasks have been passed on.
   */
  readonly #failing = new WeakSet<JobOutcomes>();

  constructor(cloud: CloudPort, clock: Clock, pools: Connection["pools"], units = new FunctionUnits()) {
    this.clock = clock;
    this.cloud = cloud;
    this.units = units;
    this.cluster = new KnownCluster(cloud, pools, (code) => {
      units.rules = { ...units.rules, ...code };
    });
    this.scheduler = new SchedulerFunction(cloud, clock);
    this.blobs = new BlobReader(cloud);
    this.poller = new OutcomePoller(cloud, clock);
    this.uploads = new BlobUploads(cloud);
    this.submitter = new Submitter(this, clock, randomUUID());
    this.aborter = new Aborter(this.scheduler, this.submitter, this.unawaited);
    this.signals = new SignalAborts(this.aborter);
    this.jobs = new JobRegistry(cloud, clock, (outcomes, task) => {
      this.#noteEnd(outcomes, task);
      this.history.ended(outcomes);
      this.signals.ended(outcomes);
      this.events.ended(outcomes, task);
    });
    this.events = new EventHub(this);
    this.links = new TaskLinkReader(cloud);
    this.sent = new SentTasks(this);
    this.results = new Results(this);
    this.names = new NamedValues(this);
  }

  /** Prices the usage of tasks, without this client's usage for reading them. */
  costOf(parts: readonly ResultPart[]): Promise<Cost> {
    return resultCost({ jobs: this.jobs, cluster: { prices: this.cluster.prices, ledger: undefined } }, parts);
  }

  /**
   * Sends all submissions, then ends every wait.
   *
   * @param print called with one line about failures that nobody awaited, if there are any
   */
  async close(print?: (line: string) => void): Promise<void> {
    this.submitter.close();
    this.events.close();
    await this.#inTime(CLOSE_MS, this.submitter.settled());
    if (print) await this.#inTime(FINAL_POLL_MS, finalPoll(this.history.outstanding(), this));
    this.poller.close(
      new ClusterError("the client was closed. Its tasks keep running; get their results by id from another client"),
    );
    this.cloud.close();
    if (!print) return;
    // If an outcome has just arrived, let the code that awaits it read it first.
    await turn();
    const line = this.unawaited.report();
    if (line !== undefined) print(line);
  }

  /**
   * Waits for `work`, but at most `ms` milliseconds: a scheduler that never answers must not keep a client from
   * closing.
   */
  async #inTime(ms: number, work: Promise<void>): Promise<void> {
    let cancel = () => {};
    const late = new Promise<void>((resolve) => {
      cancel = this.clock.after(ms, resolve);
    });
    await Promise.race([work, late]);
    cancel();
  }

  /**
   * Passes the end of a task on to `unawaited`. Ignores tasks of other clients, and outcomes that are read a second
   * time.
   */
  #noteEnd(outcomes: JobOutcomes, task: number): void {
    if (!this.#failing.has(outcomes)) {
      if (!this.history.isUnfinished(outcomes.job)) return;
      this.#failing.add(outcomes);
    }
    this.unawaited.ended(outcomes, task);
  }
}
