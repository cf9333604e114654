import type { OpenView, ViewCall, ViewPort } from "../../lambdas/authoring/view-calls.ts";
import { FantailError } from "../../lambdas/protocol/fantail-error.ts";
import type { Row } from "../../lambdas/protocol/rows.ts";
import type { SchedulerAnswer } from "../../lambdas/protocol/scheduler-answer.ts";
import { ClientCore } from "../client-core.ts";
import { systemClock } from "../cluster/clock.ts";
import type { CloudPort, ReadPage } from "../cluster/cloud-port.ts";
import { registerOwnExports } from "../shipping/values/own-exports.ts";
import { FunctionUnits } from "../submit/function-units.ts";
import { LoadBalancedView } from "../views/view.ts";

/** Code units that this thread has shipped, kept so that a function that submits itself is shipped only once. */
const units = new FunctionUnits();

/**
 * Opens the view of a running task: an ordinary client, limited to the calls that an engine may make.
 *
 * This module is bundled separately: an engine's worker loads it when a task first asks for its view.
 */
export function openView(port: ViewPort): OpenView {
  registerOwnExports(port.exports);
  units.rules = port.code();
  units.givenClasses = port.classes && { classes: port.classes };
  // The pools are unknown inside a task, so only the scheduler checks `targets`.
  const core = new ClientCore(new EngineCloud(port), systemClock, [], units);
  return { view: new LoadBalancedView(core), close: () => core.close() };
}

/** The answers of the engine's main thread, by kind of call. */
interface Answers {
  ask: SchedulerAnswer;
  row: Row | undefined;
  pages: ReadPage[];
  getBlob: Uint8Array;
  getPart: Uint8Array;
}

/** The cloud as a task reaches it: through its engine's main thread, which calls the report function. */
class EngineCloud implements CloudPort {
  readonly canWait = true;
  readonly region = process.env.AWS_REGION;
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

  async outcomePages(job: string, bucket: number, first: number, past: number, waits = false): Promise<ReadPage[]> {
    return this.#answer({ type: "pages", parent: this.#port.parent, job, bucket, first, past, waits });
  }

  listRows(): Promise<Row[]> {
    return Promise.reject(
      new FantailError("inside a task, results have no streamOutput() or timeline(): call them outside the task"),
    );
  }

  async putBlob(name: string, bytes: Uint8Array): Promise<void> {
    await this.#port.call({ type: "putBlob", name, bytes });
  }

  async getBlob(hash: string): Promise<Uint8Array> {
    return this.#answer({ type: "getBlob", hash });
  }

  async getPart(pack: string, from: number, to: number): Promise<Uint8Array> {
    return this.#answer({ type: "getPart", pack, from, to });
  }

  close(): void {}

  async #answer<Call extends keyof Answers>(call: ViewCall & { type: Call }): Promise<Answers[Call]> {
    // The engine's main thread runs the same version of fantail, so it answers each kind of call with that kind's type.
    return (await this.#port.call(call)) as Answers[Call];
  }
}
