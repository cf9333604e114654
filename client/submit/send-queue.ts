import pLimit from "p-limit";
import { refusal } from "../cluster/refusal.ts";
import type { SchedulerFunction } from "../cluster/scheduler-function.ts";
import type { JobOutcomes } from "../outcomes/outcome-store.ts";
import type { BlobUploads } from "./blob-uploads.ts";
import type { FunctionUnits } from "./function-units.ts";
import type { SealedJob } from "./job-draft.ts";
import {
  type InTurn,
  type IsAwaited,
  type Outgoing,
  packMessages,
  type SubmitMessageText,
  submitMessage,
} from "./submit-message.ts";

/** Number of parts of large jobs sent concurrently. */
const CONCURRENT_PARTS = 4;

/** A complete job, ready to be sent. */
export type QueuedJob = Pick<Outgoing, "outcomes" | "parents" | "sealed" | "accept" | "refuse">;

/**
 * The ordered queue of jobs and other messages to the scheduler. Jobs queued while a message is in flight share the
 * next one, as far as they fit.
 */
export class SendQueue {
  readonly #scheduler: SchedulerFunction;
  readonly #units: FunctionUnits;
  readonly #uploads: BlobUploads;
  readonly #isAwaited: IsAwaited;
  readonly #partLimit = pLimit(CONCURRENT_PARTS);
  #queue: (Outgoing | InTurn)[] = [];
  #draining: Promise<void> | undefined;

  constructor(scheduler: SchedulerFunction, units: FunctionUnits, uploads: BlobUploads, isAwaited: IsAwaited) {
    this.#isAwaited = isAwaited;
    this.#scheduler = scheduler;
    this.#units = units;
    this.#uploads = uploads;
  }

  /** Appends jobs, and starts sending the blobs and parts that must precede their message. */
  push(jobs: readonly QueuedJob[]): void {
    for (const job of jobs) {
      const { objects, parts } = job.sealed;
      const ready = objects.length > 0 || parts.length > 1 ? this.#prepare(job.sealed) : undefined;
      const outgoing: Outgoing = { ...job, ready, isReady: ready === undefined };
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

  /** Appends another message. */
  ask(ask: () => Promise<void>): void {
    this.#queue.push({ ask });
    this.#draining ??= this.#drain();
  }

  /** The queue's entry of a job; undefined if some part of the job may already have been sent. */
  waiting(outcomes: JobOutcomes): Outgoing | undefined {
    const found = this.#queue.find((one) => !("ask" in one) && one.outcomes === outcomes);
    return found && !("ask" in found) && found.sealed.parts.length === 1 ? found : undefined;
  }

  remove(job: Outgoing): void {
    this.#queue.splice(this.#queue.indexOf(job), 1);
  }

  /** Whether some queued job depends on this one. */
  hasDependents(job: string): boolean {
    return this.#queue.some((one) => !("ask" in one) && one.parents.has(job));
  }

  /** Resolves when everything in the queue was answered. */
  async settled(): Promise<void> {
    while (this.#draining) await this.#draining;
  }

  /** Sends the parts that may arrive in any order: blobs, then all parts of the job but the last. */
  async #prepare({ header, parts, objects }: SealedJob): Promise<void> {
    // Take the parts out of the job, so that each can be freed once it is stored.
    await this.#uploads.put(objects.splice(0));
    await Promise.all(
      parts.slice(0, -1).map((part) =>
        this.#partLimit(async () => {
          const text = submitMessage([], [{ header, pages: part.pages, waits: part.waits, last: false }]);
          part.pages = part.waits = "";
          const answer = await this.#scheduler.ask(text);
          this.#scheduler.charge([header.id]);
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
        // The job may have been withdrawn meanwhile.
        if (this.#queue[0] !== head) continue;
        head.isReady = true;
        const message = packMessages(this.#queue, (hash) => this.#units.unsent(hash), this.#isAwaited);
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
      const answer = await this.#scheduler.ask(text);
      this.#scheduler.charge(jobs.map(({ sealed }) => sealed.header.id));
      if (answer.type === "error" && jobs.length > 1) {
        // The scheduler refused at least one of the jobs. Send each by itself, so that no job is refused because of
        // another.
        for (const job of jobs) await this.#send(packMessages([job], (hash) => this.#units.unsent(hash)));
        return;
      }
      if (answer.type === "error") throw refusal(answer);
      for (const { sealed } of jobs) for (const hash of sealed.units) this.#units.sent(hash);
      const { standing, ended } = answer.type === "ok" ? answer : {};
      for (const { accept, sealed } of jobs)
        accept(
          standing?.find(({ id }) => id === sealed.header.id),
          ended,
        );
    } catch (error) {
      for (const { refuse } of jobs) refuse(error);
    }
  }
}
