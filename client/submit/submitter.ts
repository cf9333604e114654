import { monotonicFactory } from "ulid";
import { ClusterError } from "../../lambdas/protocol/errors.ts";
import type { JobFlags } from "../../lambdas/protocol/flags.ts";
import type { FunctionReference } from "../../lambdas/protocol/function-reference.ts";
import type { JobHeader } from "../../lambdas/protocol/job-header.ts";
import type { EncodedError } from "../../lambdas/protocol/outcome-page.ts";
import type { StoredPage } from "../../lambdas/protocol/scheduler-answer.ts";
import type { TaskArguments } from "../../lambdas/protocol/spec-page.ts";
import type { Clock } from "../cluster/clock.ts";
import type { SchedulerFunction } from "../cluster/scheduler-function.ts";
import type { OutcomePoller } from "../outcomes/outcome-poller.ts";
import { JobOutcomes } from "../outcomes/outcome-store.ts";
import type { BlobDrafts } from "./blob-drafts.ts";
import type { BlobUploads } from "./blob-uploads.ts";
import type { FunctionUnits } from "./function-units.ts";
import { JobDraft, type SealedJob } from "./job-draft.ts";
import { type QueuedJob, SendQueue } from "./send-queue.ts";
import { SubmissionTrace } from "./submission-trace.ts";
import type { TaskWaits } from "./task-waits.ts";

/** The parts of a client that send jobs, and that know which of them the client waits for. */
interface SubmitterPorts {
  scheduler: SchedulerFunction;
  units: FunctionUnits;
  uploads: BlobUploads;
  poller: Pick<OutcomePoller, "awaitsOnly">;
}

interface TurnEntry {
  draft: JobDraft;
  /**
   * Applies share a job only within one group, such as those of one signal, so that tasks that are aborted together can
   * be withdrawn as a whole job.
   */
  group: object | undefined;
  outcomes: JobOutcomes;
  sealed: SealedJob | undefined;
  accept: () => void;
  refuse: (error: unknown) => void;
}

/**
 * Sends jobs in the order of submission.
 *
 * All submissions of one turn of the event loop go in one message, and all submissions made while that message is in
 * flight go in the next one, as far as they fit. A thousand applies with equal flags are thus one call, and jobs never
 * overtake each other.
 */
export class Submitter {
  readonly #clock: Clock;
  readonly #client: string;
  readonly #ulid = monotonicFactory();
  #turn: TurnEntry[] = [];
  readonly #queue: SendQueue;
  #isClosed = false;

  constructor({ scheduler, units, uploads, poller }: SubmitterPorts, clock: Clock, client: string) {
    this.#queue = new SendQueue(scheduler, units, uploads, (outcomes, code) => poller.awaitsOnly(outcomes, code));
    this.#clock = clock;
    this.#client = client;
  }

  /** Refuses new submissions from now on. Earlier ones are still sent. */
  close(): void {
    this.#isClosed = true;
  }

  /**
   * Checks that the client is open.
   *
   * @throws ClusterError if the client was closed
   */
  assertOpen(): void {
    if (this.#isClosed)
      throw new ClusterError("the client was closed: create another one, for example with Client.connect()");
  }

  /** Creates a job id. The ids of one client sort in the order of creation. */
  newId(): string {
    return this.#ulid(this.#clock.now());
  }

  /** Starts the draft of a map's job. */
  draftMap(chunked: boolean, flags: JobFlags, label: string | undefined, keyed?: string): JobDraft {
    return this.#draft("map", chunked, flags, label, keyed);
  }

  /** Sends the job of a map, whose tasks have all been added. */
  submitMap(draft: JobDraft, items: number): JobOutcomes {
    const entry = this.#enter(draft);
    entry.sealed = draft.seal(items);
    if (!draft.isKeyed) entry.outcomes.open(entry.sealed.header);
    return entry.outcomes;
  }

  /**
   * Sends one task, in the same job as the applies with equal flags just before it in this turn.
   *
   * @param keyed the job id of its idempotency key, if it has one. The task then gets a job of its own
   */
  submitApply(
    call: {
      reference: FunctionReference;
      args: TaskArguments;
      blobs: BlobDrafts;
      waits?: TaskWaits | undefined;
      names: Iterable<string>;
    },
    flags: JobFlags,
    label: string | undefined,
    group?: object,
    keyed?: string,
  ): { outcomes: JobOutcomes; task: number } {
    const last = this.#turn.at(-1);
    const joins =
      keyed === undefined &&
      last !== undefined &&
      last.sealed === undefined &&
      last.group === group &&
      last.draft.takesApply(flags, label) &&
      SubmissionTrace.isSame(last.draft.trace);
    const entry = joins ? last : this.#enter(this.#draft("apply", false, flags, label, keyed), group);
    entry.draft.blobs.addAll(call.blobs);
    entry.draft.addNames(call.names);
    const task = entry.draft.addTask(entry.draft.addFunction(call.reference), call.args, call.waits);
    return { outcomes: entry.outcomes, task };
  }

  /**
   * Withdraws a job if it has `tasks` tasks, no part of it was sent, and no other unsent job depends on it. Its tasks
   * then end as aborted, or with `error`, and are known only to this process.
   *
   * @returns whether it was withdrawn
   */
  withdraw(outcomes: JobOutcomes, tasks: number, error?: EncodedError): boolean {
    if (this.#hasDependents(outcomes.job)) return false;
    const at = this.#turn.findLastIndex((entry) => entry.outcomes === outcomes);
    const entry = this.#turn[at];
    if (entry) {
      if (entry.draft.tasks !== tasks) return false;
      this.#turn.splice(at, 1);
      outcomes.withdraw((entry.sealed ?? entry.draft.seal()).header, this.#clock.now(), error);
      entry.accept();
      return true;
    }
    const waiting = this.#queue.waiting(outcomes);
    if (waiting?.sealed.header.tasks !== tasks) return false;
    this.#queue.remove(waiting);
    outcomes.withdraw(waiting.sealed.header, this.#clock.now(), error);
    waiting.accept();
    return true;
  }

  #hasDependents(job: string): boolean {
    return this.#turn.some(({ draft }) => draft.parents.has(job)) || this.#queue.hasDependents(job);
  }

  /** Sends a request to the scheduler after all earlier and before all later submissions. */
  inTurn<T>(ask: (client: string) => Promise<T>): Promise<T> {
    this.#flush();
    const answer = new Promise<T>((resolve, reject) => {
      this.#queue.ask(() => ask(this.#client).then(resolve, reject));
    });
    return answer;
  }

  /** Resolves when all submissions so far were answered. */
  async settled(): Promise<void> {
    this.#flush();
    await this.#queue.settled();
  }

  #draft(
    shape: JobHeader["shape"],
    chunked: boolean,
    flags: JobFlags,
    label: string | undefined,
    keyed: string | undefined,
  ): JobDraft {
    const submitted = this.#clock.now();
    const id = keyed ?? this.newId();
    const trace = SubmissionTrace.start(id, label);
    const header = { id, isKeyed: keyed !== undefined, shape, chunked, flags, submitted, client: this.#client, label };
    return new JobDraft(trace ? { ...header, ...trace.fields } : header, trace);
  }

  #enter(draft: JobDraft, group?: object): TurnEntry {
    const { promise, resolve, reject } = withResolvers();
    draft.trace?.endWith(promise, () => draft.tasks);
    const outcomes = new JobOutcomes(draft.id, promise);
    const entry: TurnEntry = { draft, group, outcomes, sealed: undefined, accept: resolve, refuse: reject };
    if (this.#turn.length === 0) setImmediate(() => this.#flush());
    this.#turn.push(entry);
    return entry;
  }

  #flush(): void {
    const turn = this.#turn;
    this.#turn = [];
    const jobs = turn.map(({ draft, outcomes, sealed, accept, refuse }): QueuedJob => {
      const { isKeyed, parents } = draft;
      const job = sealed ?? draft.seal();
      const { header } = job;
      if (!sealed && !isKeyed) outcomes.open(header);
      // The scheduler's answer says which job has the idempotency key. The draft is not kept until then: its texts are
      // in the sealed job.
      const acceptKeyed = (standing: JobHeader = header, ended?: StoredPage) => {
        if (isKeyed && !outcomes.isWithdrawn) outcomes.open(standing);
        if (ended?.job === outcomes.job) outcomes.add(ended.bucket, ended);
        accept();
      };
      return { outcomes, parents, sealed: job, accept: acceptKeyed, refuse };
    });
    this.#queue.push(jobs);
  }
}

function withResolvers(): { promise: Promise<void>; resolve: () => void; reject: (error: unknown) => void } {
  let resolve = () => {};
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<void>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}
