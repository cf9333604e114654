import type { OpenView, ViewCall, ViewPort } from "../../lambdas/authoring/view-calls.ts";
import { FantailError } from "../../lambdas/protocol/errors.ts";
import type { Row } from "../../lambdas/protocol/rows.ts";
import type { SchedulerAnswer } from "../../lambdas/protocol/scheduler-messages.ts";
import { ClientCore } from "../client-core.ts";
import { systemClock } from "../cluster/clock.ts";
import type { CloudPort, ReadPage } from "../cluster/cloud-port.ts";
import { registerOwnExports } from "../shipping/values/own-exports.ts";
import { FunctionUnits } from "../submit/function-units.ts";
import { LoadBalancedView } from "../views/view.ts";

/** Code that this thread has shipped: a function that submits itself does so once. */
const units = new FunctionUnits();

/**
 * Opens the view of a running task: the client as scripts have it, over what an engine may ask of the cluster.
 *
 * It is bundled by itself, and loaded by an engine's worker when a task first asks for its view.
 */
export function openView(port: ViewPort): OpenView {
  registerOwnExports(port.exports);
  units.rules = port.code();
  units.givenClasses = port.classes && { classes: port.classes };
  // No pools: what is wrong with `targets` is the scheduler's to say.
  const core = new ClientCore(new EngineCloud(port), systemClock, [], units);
  return { view: new LoadBalancedView(core), close: () => core.close() };
}

/** What the engine's main thread answers with, by the kind of the call. */
interface Answers {
  ask: SchedulerAnswer;
  row: Row | undefined;
  pages: ReadPage[];
  getBlob: Uint8Array;
}

/** The cloud as a task reaches it: by its engine's main thread, which speaks to the report door. */
class EngineCloud implements CloudPort {
  readonly #port: ViewPort;

  constructor(port: ViewPort) {
    this.#port = port;
  }

  async ask(message: string): Promise<SchedulerAnswer> {
    return this.#answer({ type: "ask", parent: this.#port.parent, message });
  }

  async jobRow(job: string): Promise<Row | undefined> {
    return this.#answer({ type: "row", job });
  }

  async outcomePages(job: string, bucket: number, first: number, past: number): Promise<ReadPage[]> {
    return this.#answer({ type: "pages", job, bucket, first, past });
  }

  listRows(): Promise<Row[]> {
    return Promise.reject(
      new FantailError(
        "a task can read results of the tasks that it submitted only: read others with a client outside",
      ),
    );
  }

  async putBlob(hash: string, bytes: Uint8Array): Promise<void> {
    await this.#port.call({ type: "putBlob", hash, bytes });
  }

  async getBlob(hash: string): Promise<Uint8Array> {
    return this.#answer({ type: "getBlob", hash });
  }

  close(): void {}

  async #answer<Call extends keyof Answers>(call: ViewCall & { type: Call }): Promise<Answers[Call]> {
    // The engine's main thread is of the same version, and answers each call with its type.
    return (await this.#port.call(call)) as Answers[Call];
  }
}
