import pLimit from "p-limit";
import { monotonicFactory } from "ulid";
import { ClusterError } from "../../lambdas/protocol/errors.ts";
import type { JobFlags } from "../../lambdas/protocol/flags.ts";
import type { FunctionReference } from "../../lambdas/protocol/function-reference.ts";
import type { EncodedError } from "../../lambdas/protocol/outcome-page.ts";
import type { JobHeader } from "../../lambdas/protocol/scheduler-messages.ts";
import type { TaskArguments } from "../../lambdas/protocol/spec-page.ts";
import type { Clock } from "../cluster/clock.ts";
import { refusal } from "../cluster/refusal.ts";
import type { SchedulerDoor } from "../cluster/scheduler-door.ts";
import { JobOutcomes } from "../outcomes/outcome-store.ts";
import type { BlobUploads } from "./blob-uploads.ts";
import type { FunctionUnits } from "./function-units.ts";
import { JobDraft, type SealedJob } from "./job-draft.ts";
import { type InTurn, type Outgoing, packMessages, type SubmitMessageText, submitMessage } from "./submit-message.ts";
import type { TaskWaits } from "./task-waits.ts";

/** Parts of large jobs that travel at one time. */
const CONCURRENT_PARTS = 4;

interface TurnEntry {
  draft: JobDraft;
  /** Applies join only those of their own group, as of one signal, so that what is aborted together can be taken back whole. */
  group: object | undefined;
  blobs: Map<string, Uint8Array>;
  outcomes: JobOutcomes;
  sealed: SealedJob | undefined;
  accept: () => void;
  refuse: (error: unknown) => void;
}

/**
 * Sends jobs in the order in which they were submitted.
 *
 * What one turn of the event loop submits travels in one message, and what comes while a message is under way
 * in the next: a thousand applies are one call, and two jobs never overtake each other.
 */
export class Submitter {
  readonly #door: SchedulerDoor;
  readonly #units: FunctionUnits;
  readonly #uploads: BlobUploads;
  readonly #clock: Clock;
  readonly #client: string;
  readonly #ulid = monotonicFactory();
  readonly #partLimit = pLimit(CONCURRENT_PARTS);
  #turn: TurnEntry[] = [];
  #queue: (Outgoing | InTurn)[] = [];
  #draining: Promise<void> | undefined;
  #isClosed = false;

  constructor(door: SchedulerDoor, units: FunctionUnits, uploads: BlobUploads, clock: Clock, client: string) {
    this.#door = door;
    this.#units = units;
    this.#uploads = uploads;
    this.#clock = clock;
    this.#client = client;
  }

  /** Refuses new work from now on; what was submitted before is still sent. */
  close(): void {
    this.#isClosed = true;
  }

  /** @throws ClusterError when the client was closed */
  assertOpen(): void {
    if (this.#isClosed) throw new ClusterError("the client was closed");
  }

  /** A fresh job id. Ids of one client sort by the order of their making. */
  newId(): string {
    return this.#ulid(this.#clock.now());
  }

  /** A draft of a map's job. */
  draftMap(chunked: boolean, flags: JobFlags, label: string | undefined, keyed?: string): JobDraft {
    return this.#draft("map", chunked, flags, label, keyed);
  }

  /** Sends a finished map's job. */
  submitMap(draft: JobDraft, items: number, blobs: Map<string, Uint8Array>): JobOutcomes {
    const entry = this.#enter(draft, blobs);
    entry.sealed = draft.seal(items);
    if (!draft.isKeyed) entry.outcomes.open(entry.sealed.header);
    return entry.outcomes;
  }

  /**
   * Sends one task, in one job with the applies of equal flags just before it in this turn.
   *
   * @param keyed the job id that stands for its idempotency key, if it has one: then it is a job by itself
   */
  submitApply(
    call: {
      reference: FunctionReference;
      args: TaskArguments;
      blobs: Map<string, Uint8Array>;
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
      last.draft.takesApply(flags, label);
    const entry = joins ? last : this.#enter(this.#draft("apply", false, flags, label, keyed), new Map(), group);
    for (const [hash, bytes] of call.blobs) entry.blobs.set(hash, bytes);
    entry.draft.addNames(call.names);
    const task = entry.draft.addTask(entry.draft.addFunction(call.reference), call.args, call.waits);
    return { outcomes: entry.outcomes, task };
  }

  /**
   * Takes a job back, if it has so many tasks, no part of it was sent, and no other job that is to be sent depends on it: then
   * its tasks have ended as aborted, or by `error`, and nobody else ever hears of them.
   *
   * @returns whether it was taken back
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
    const queued = this.#queue.findIndex((one) => !("ask" in one) && one.outcomes === outcomes);
    const waiting = this.#queue[queued];
    if (waiting === undefined || "ask" in waiting) return false;
    const { header, parts } = waiting.sealed;
    if (header.tasks !== tasks || parts.length > 1) return false;
    this.#queue.splice(queued, 1);
    outcomes.withdraw(header, this.#clock.now(), error);
    waiting.accept();
    return true;
  }

  #hasDependents(job: string): boolean {
    const depends = (parents: ReadonlySet<string>) => parents.size > 0 && parents.has(job);
    return (
      this.#turn.some(({ draft }) => depends(draft.parents)) ||
      this.#queue.some((one) => !("ask" in one) && depends(one.parents))
    );
  }

  /** Asks something of the scheduler after what was submitted before, and before what is submitted later. */
  inTurn<T>(ask: (client: string) => Promise<T>): Promise<T> {
    this.#flush();
    const answer = new Promise<T>((resolve, reject) => {
      this.#queue.push({ ask: () => ask(this.#client).then(resolve, reject) });
    });
    this.#draining ??= this.#drain();
    return answer;
  }

  /** Resolves when everything submitted so far was answered. */
  async settled(): Promise<void> {
    this.#flush();
    while (this.#draining) await this.#draining;
  }

  #draft(
    shape: JobHeader["shape"],
    chunked: boolean,
    flags: JobFlags,
    label: string | undefined,
    keyed: string | undefined,
  ): JobDraft {
    const submitted = this.#clock.now();
    const id = keyed === undefined ? { id: this.newId() } : { id: keyed, key: this.newId() };
    return new JobDraft({ ...id, shape, chunked, flags, submitted, client: this.#client, label });
  }

  #enter(draft: JobDraft, blobs: Map<string, Uint8Array>, group?: object): TurnEntry {
    const { promise, resolve, reject } = withResolvers();
    const outcomes = new JobOutcomes(draft.id, promise);
    const entry: TurnEntry = { draft, group, blobs, outcomes, sealed: undefined, accept: resolve, refuse: reject };
    if (this.#turn.length === 0) setImmediate(() => this.#flush());
    this.#turn.push(entry);
    return entry;
  }

  #flush(): void {
    const turn = this.#turn;
    this.#turn = [];
    for (const { draft, blobs, outcomes, sealed, accept, refuse } of turn) {
      const job = sealed ?? draft.seal();
      if (!sealed && !draft.isKeyed) outcomes.open(job.header);
      // What stands under an idempotency key is known when the scheduler has answered.
      const opening = (standing: JobHeader = job.header) => {
        if (draft.isKeyed && !outcomes.isWithdrawn) outcomes.open(standing);
        accept();
      };
      const ready = blobs.size > 0 || job.parts.length > 1 ? this.#prepare(job, blobs) : undefined;
      const outgoing: Outgoing = {
        outcomes,
        parents: draft.parents,
        sealed: job,
        ready,
        isReady: ready === undefined,
        accept: opening,
        refuse,
      };
      ready?.then(
        () => {
          outgoing.isReady = true;
        },
        () => {},
      );
      this.#queue.push(outgoing);
    }
    if (this.#queue.length > 0) this.#draining ??= this.#drain();
  }

  /** Sends what may arrive in any order: blobs, then all parts of the job but the last. */
  async #prepare({ header, parts }: SealedJob, blobs: ReadonlyMap<string, Uint8Array>): Promise<void> {
    if (blobs.size > 0) await this.#uploads.put(blobs);
    await Promise.all(
      parts.slice(0, -1).map((part) =>
        this.#partLimit(async () => {
          const answer = await this.#door.ask(
            submitMessage([], [{ header, pages: part.pages, waits: part.waits, last: false }]),
          );
          part.pages = part.waits = "";
          if (answer.type === "error") throw refusal(answer);
        }),
      ),
    );
  }

  async #drain(): Promise<void> {
    for (let head = this.#queue[0]; head; head = this.#queue[0]) {
      if ("ask" in head) {
        this.#queue.shift();
        await head.ask();
        continue;
      }
      try {
        await head.ready;
        // It may have been taken back meanwhile.
        if (this.#queue[0] !== head) continue;
        head.isReady = true;
        const message = packMessages(this.#queue, (hash) => this.#units.unsent(hash));
        this.#queue.splice(0, message.jobs.length);
        await this.#send(message);
      } catch (error) {
        if (this.#queue[0] === head) this.#queue.shift();
        head.refuse(error);
      }
    }
    this.#draining = undefined;
  }

  async #send(message: SubmitMessageText): Promise<void> {
    const { jobs, text } = message;
    try {
      const answer = await this.#door.ask(text);
      if (answer.type === "error" && jobs.length > 1) {
        // One of them is at fault: each is asked for by itself, so that only that one fails.
        for (const job of jobs) await this.#send(packMessages([job], (hash) => this.#units.unsent(hash)));
        return;
      }
      if (answer.type === "error") throw refusal(answer);
      for (const { sealed } of jobs) for (const hash of sealed.units) this.#units.sent(hash);
      const standing = answer.type === "ok" ? answer.standing : undefined;
      for (const { accept, sealed } of jobs) accept(standing?.find(({ id }) => id === sealed.header.id));
    } catch (error) {
      for (const { refuse } of jobs) refuse(error);
    }
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
