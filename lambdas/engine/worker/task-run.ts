import { AsyncLocalStorage } from "node:async_hooks";
import type { OpenView } from "../../authoring/view-calls.ts";
import type { ClassLookup } from "../../protocol/class-registry.ts";
import { FantailError } from "../../protocol/fantail-error.ts";
import { invariant } from "../../protocol/invariant.ts";
import { taskId } from "../../protocol/task-id.ts";
import type { LeaseBoard } from "../messages/lease-board.ts";
import type { OutputStream } from "../messages/shared-output.ts";
import { OutputCapture } from "./output-capture.ts";

/** One attempt of a task in the worker. It collects the task's output, and can be asked to stop. */
export class TaskRun {
  readonly position: number;
  readonly startedAt: number;
  readonly #board: LeaseBoard;
  #controller: AbortController | undefined;
  #stopReason: string | undefined;
  #stdout: OutputCapture | undefined;
  #stderr: OutputCapture | undefined;
  /** Whether the task's function has ended. Timers and promises that it left behind no longer belong to it. */
  ended = false;
  /**
   * Called after each write with the part of the text that is kept, and the number of characters of the stream dropped
   * so far.
   */
  onWrite: ((run: TaskRun, stream: OutputStream, text: string, dropped: number) => void) | undefined;
  /** Classes that were sent with the task's function. */
  classes: ClassLookup | undefined;
  /** Opens a view for the task with this id. */
  openView: ((parent: string) => OpenView) | undefined;
  #view: OpenView | undefined;
  /** Facts for `task()`. */
  readonly about: TaskAbout;

  constructor(position: number, startedAt: number, board: LeaseBoard, about: TaskAbout) {
    this.position = position;
    this.startedAt = startedAt;
    this.#board = board;
    this.about = about;
  }

  /** The view through which the task submits tasks. Opened when first asked for. */
  get view(): object {
    if (this.ended)
      throw new FantailError(
        "the task has ended, so its task().view can no longer submit tasks: await what it submits before it returns",
      );
    if (!this.#view) this.#board.openView(this.position);
    this.#view ??= this.openView?.(this.id);
    invariant(this.#view, `task ${this.id} runs without a way to open its view`);
    return this.#view.view;
  }

  get id(): string {
    return taskId(this.about.job, this.about.index);
  }

  get hasView(): boolean {
    return this.#view !== undefined;
  }

  /**
   * Waits until the scheduler has all that the task submitted. Resolves to the task's id, or to undefined if it opened
   * no view.
   */
  async closeView(): Promise<string | undefined> {
    if (!this.#view) return undefined;
    await this.#view.close();
    return this.id;
  }

  /**
   * The task's AbortSignal. It is created on first use: creating it takes longer than a short task, and most tasks
   * never use it.
   */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (!this.ended) this.#board.listen(this.position);
      if (this.#stopReason !== undefined) this.#raise(this.#stopReason);
    }
    return this.#controller.signal;
  }

  /** Why the task must stop; undefined while it need not. */
  get stopReason(): string | undefined {
    return this.#stopReason;
  }

  stop(reason: string): void {
    this.#stopReason = reason;
    this.#raise(reason);
  }

  /** Raises the signal inside the run, because listeners and their output belong to the task. */
  #raise(reason: string): void {
    currentRun.run(this, () => this.#controller?.abort(new DOMException(reason, "AbortError")));
  }

  write(stream: OutputStream, chunk: string | Uint8Array, encoding?: BufferEncoding): void {
    let capture = stream === "stdout" ? this.#stdout : this.#stderr;
    if (capture === undefined) {
      capture = new OutputCapture();
      if (stream === "stdout") this.#stdout = capture;
      else this.#stderr = capture;
    }
    const kept = capture.add(chunk, encoding);
    this.onWrite?.(this, stream, kept, capture.dropped);
  }

  /** The task's output to the stream; undefined if there is none. Call this once, when the task has ended. */
  output(stream: OutputStream): string | undefined {
    return (stream === "stdout" ? this.#stdout : this.#stderr)?.text();
  }
}

/** The facts about a run that `task()` returns. */
export interface TaskAbout {
  job: string;
  index: number;
  attempt: number;
  engineId: number;
  pool: string;
  /** When the run is stopped, in epoch milliseconds. */
  endsAt: number;
}

/** The run to which the executing code belongs, through all its timers and promises. */
export const currentRun = new AsyncLocalStorage<TaskRun>();
