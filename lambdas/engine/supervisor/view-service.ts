import * as v from "valibot";
import type { BlobStore } from "../../adapters/blob-store.ts";
import type { Door } from "../../adapters/door.ts";
import type { ViewCall } from "../../authoring/view-calls.ts";
import { ClusterError } from "../../protocol/errors.ts";
import type { IndexRange } from "../../protocol/index-ranges.ts";
import { AskMessage, type EngineAnswer, type EngineMessage } from "../../protocol/report-messages.ts";

/** Who the session is to the door. */
export interface Sender {
  engine: number;
  session: string;
  nonce: string;
}

/** Serves the views of a session's tasks, by the door and the blobs, and knows what each task has submitted. */
export class ViewService {
  readonly #door: Door;
  readonly #blobs: BlobStore;
  readonly #who: Sender;
  /** Jobs by the task that submitted them, each with its number of tasks. */
  readonly #children = new Map<string, Map<string, number>>();
  /** Called when a task has submitted something. */
  onSubmit: () => void = () => {};

  constructor(door: Door, blobs: BlobStore, who: Sender) {
    this.#door = door;
    this.#blobs = blobs;
    this.#who = who;
  }

  /** Does what a view asks. Rejects when the door refuses it, or fails for good. */
  async serve(call: ViewCall): Promise<unknown> {
    switch (call.type) {
      case "ask":
        return this.#ask(call.parent, call.message);
      case "row": {
        const answer = await this.#send({ type: "read", ...this.#who, job: call.job });
        return answer.type === "row" ? answer.row : undefined;
      }
      case "pages":
        return this.#pages(call);
      case "putBlob":
        return this.#blobs.putCode(call.hash, call.bytes);
      case "getBlob":
        return this.#blobs.get(call.hash);
      case "abandon":
        return this.abandon(call.parent);
    }
  }

  /** Aborts what the task has submitted and what has not ended. Best effort: what it misses runs for nothing, and ends. */
  async abandon(parent: string): Promise<void> {
    const children = this.#children.get(parent);
    if (!children) return;
    this.#children.delete(parent);
    const jobs = Array.from(children, ([job, tasks]) => ({ job, ranges: [[0, tasks] satisfies IndexRange] }));
    await this.#send({ type: "ask", ...this.#who, parent, message: { type: "abort", jobs } }).catch(() => undefined);
  }

  /** The task has ended, and is heard of no more. */
  forget(parent: string): void {
    this.#children.delete(parent);
  }

  async #ask(parent: string, text: string): Promise<unknown> {
    const message = v.parse(AskMessage.entries.message, JSON.parse(text));
    if (message.type === "submit") {
      const children = this.#children.get(parent) ?? new Map<string, number>();
      this.#children.set(parent, children);
      for (const { header } of message.jobs) children.set(header.id, header.tasks);
    }
    const answer = await this.#send({ type: "ask", ...this.#who, parent, message });
    if (message.type === "submit") this.onSubmit();
    return answer.type === "asked" ? answer.answer : undefined;
  }

  async #pages({ job, bucket, first, past }: ViewCall & { type: "pages" }): Promise<unknown> {
    const pages: { sk: string; body: string }[] = [];
    for (;;) {
      const after = pages.at(-1)?.sk;
      const range = { bucket, first, past, ...(after === undefined ? {} : { after }) };
      const answer = await this.#send({ type: "read", ...this.#who, job, pages: range });
      if (answer.type !== "pages") return pages;
      pages.push(...answer.pages);
      if (!answer.more) return pages;
    }
  }

  async #send(message: EngineMessage): Promise<EngineAnswer> {
    const answer = await this.#door.send(message);
    if (answer.type === "refused") throw new ClusterError(`refused: ${answer.message}`);
    return answer;
  }
}
