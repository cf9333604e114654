import { createRequire } from "node:module";
import type { OpenView, ViewCall, ViewModule, ViewPort } from "../../authoring/view-calls.ts";
import { ClusterError } from "../../protocol/errors.ts";
import { messageOf } from "../messages/message-of.ts";
import type { FromWorker } from "../messages/worker-messages.ts";

const require = createRequire(import.meta.url);

/** Passes the calls of tasks' views to the main thread, because only the main thread can reach the cluster. */
export class WorkerViews {
  readonly #post: (message: FromWorker) => void;
  readonly #engine: Omit<ViewPort, "parent" | "classes" | "call">;
  readonly #asked = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  #module: ViewModule | undefined;
  #lastId = 0;

  constructor(post: (message: FromWorker) => void, engine: Omit<ViewPort, "parent" | "classes" | "call">) {
    this.#post = post;
    this.#engine = engine;
  }

  /**
   * Opens the view of a task. The first view loads the client, so engines whose tasks submit nothing never load it.
   *
   * @param classes classes that were sent with the task
   * @param onRead called when the task requests outcomes and so begins to wait; the returned function is called when
   *   they have arrived
   */
  open(parent: string, classes: ViewPort["classes"], onRead: () => () => void): OpenView {
    this.#module ??= viewModule();
    const call = (call: ViewCall) => {
      const over = call.type === "pages" ? onRead() : undefined;
      const answer = this.call(call);
      if (over) answer.then(over, over);
      return answer;
    };
    return this.#module.openView({ ...this.#engine, parent, classes, call });
  }

  call(call: ViewCall): Promise<unknown> {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#asked.set(id, { resolve, reject });
      this.#post({ type: "call", id, call });
    });
  }

  answered(id: number, value: unknown): void {
    this.#asked.get(id)?.resolve(value);
    this.#asked.delete(id);
  }

  failed(id: number, message: string): void {
    this.#asked.get(id)?.reject(new ClusterError(messageOf(message)));
    this.#asked.delete(id);
  }
}

/** The client's view, bundled beside the worker in the same build. */
function viewModule(): ViewModule {
  return require("./view.cjs");
}
