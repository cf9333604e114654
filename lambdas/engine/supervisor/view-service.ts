import * as v from "valibot";
import type { BlobStore } from "../../adapters/blob-store.ts";
import type { Clock } from "../../adapters/clock.ts";
import type { ReportEndpoint } from "../../adapters/report-endpoint.ts";
import type { ViewCall } from "../../authoring/view-calls.ts";
import type { EndedChildren, EngineAnswer } from "../../protocol/engine-answer.ts";
import { ClusterError } from "../../protocol/errors.ts";
import type { IndexRange } from "../../protocol/index-ranges.ts";
import { AskMessage, type EngineMessage } from "../../protocol/report-messages.ts";
import type { SchedulerAnswer } from "../../protocol/scheduler-answer.ts";
import { OutcomeReads } from "./outcome-reads.ts";
import { ViewTicks } from "./view-ticks.ts";

/** The credentials of a session for the report function. */
export interface Sender {
  engine: number;
  session: string;
  nonce: string;
}

/**
 * Serves the calls of tasks' views through the report function and the blob store, and records the jobs that each task
 * has submitted.
 */
export class ViewService {
  readonly #endpoint: ReportEndpoint;
  readonly #blobs: BlobStore;
  readonly #who: Sender;
  /** Number of tasks of each job, by the task that submitted it. */
  readonly #children = new Map<string, Map<string, number>>();
  readonly #reads: OutcomeReads;
  readonly #ticks: ViewTicks;
  #isBusy = true;
  /** Called after a task has submitted something. */
  onSubmit: () => void = () => {};
  /** Whether the session has this task parked, and so will report its outcome. */
  isParked: (job: string, index: number) => boolean = () => false;

  constructor(endpoint: ReportEndpoint, blobs: BlobStore, who: Sender, clock: Clock) {
    this.#endpoint = endpoint;
    this.#blobs = blobs;
    this.#who = who;
    const read = (wanted: object & { job: string }) => this.#send({ type: "read", ...who, ...wanted });
    const session = { isOwn: (job: string, index: number) => this.isParked(job, index), isBusy: () => this.#isBusy };
    this.#reads = new OutcomeReads(read, clock, session);
    this.#ticks = new ViewTicks((parent) => this.#forward(parent, { type: "tick" }), clock);
  }

  /** Serves a call of a view. Rejects if the report function refuses it or fails for good. */
  async serve(call: ViewCall): Promise<unknown> {
    switch (call.type) {
      case "ask":
        return this.#ask(call.parent, call.message);
      case "row": {
        const answer = await this.#send({ type: "read", ...this.#who, job: call.job });
        return answer.type === "row" ? answer.row : undefined;
      }
      case "pages":
        return this.#reads.pages(call);
      case "putBlob":
        return this.#blobs.putAs(call.name, call.bytes);
      case "getBlob":
        return this.#blobs.get(call.hash);
      case "getPart":
        return this.#blobs.getPart(call.pack, call.from, call.to);
      case "abandon":
        return this.abandon(call.parent);
    }
  }

  /**
   * Aborts the unfinished tasks that the task submitted. Best effort: tasks that it misses run to their end, and their
   * results are not used.
   */
  async abandon(parent: string): Promise<void> {
    const children = this.#children.get(parent);
    this.forget(parent);
    if (!children) return;
    const jobs = Array.from(children, ([job, tasks]) => ({ job, ranges: [[0, tasks] satisfies IndexRange] }));
    await this.#send({ type: "ask", ...this.#who, parent, message: { type: "abort", jobs } }).catch(() => undefined);
  }

  /** Forgets a task that has ended. */
  forget(parent: string): void {
    this.#children.delete(parent);
    this.#reads.forget(parent);
  }

  /** Records whether the session has tasks to run besides those that wait. */
  set isBusy(isBusy: boolean) {
    this.#isBusy = isBusy;
    if (!isBusy) this.#reads.hurry();
  }

  /** Passes an outcome that a message of this session has stored to the task that waits for it. */
  ended(page: EndedChildren): void {
    this.#reads.stored(page);
  }

  /** Rejects the reads and ticks that wait, because the session has ended. */
  close(): void {
    this.#reads.close();
    this.#ticks.close();
  }

  async #ask(parent: string, text: string): Promise<unknown> {
    const message = v.parse(AskMessage.entries.message, JSON.parse(text));
    if (message.type === "tick") return this.#ticks.tick(parent, message.due === true);
    if (message.type === "submit") {
      const children = this.#children.get(parent) ?? new Map<string, number>();
      this.#children.set(parent, children);
      for (const { header } of message.jobs) {
        children.set(header.id, header.tasks);
        this.#reads.submitted(parent, header.id);
      }
    }
    const answer = await this.#forward(parent, message);
    if (message.type === "submit") {
      this.#ticks.news();
      this.onSubmit();
    }
    return answer;
  }

  /** Records that the session has got work, or that the outcome of one of its tasks was stored. */
  progressed(): void {
    this.#ticks.news();
  }

  async #forward(parent: string, message: AskMessage["message"]): Promise<SchedulerAnswer | undefined> {
    const answer = await this.#send({ type: "ask", ...this.#who, parent, message });
    return answer.type === "asked" ? answer.answer : undefined;
  }

  async #send(message: EngineMessage): Promise<EngineAnswer> {
    const answer = await this.#endpoint.send(message);
    if (answer.type === "refused")
      throw new ClusterError(`the report function refused a request of a task: ${answer.message}`);
    return answer;
  }
}
