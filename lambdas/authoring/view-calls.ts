import type { CodeRules } from "../protocol/code-rules.ts";
import type { ClassesReference } from "../protocol/function-reference.ts";

/** A call from a task's view, served by its engine's main thread. */
export type ViewCall =
  /** A message for the scheduler, as JSON text; answered with a SchedulerAnswer. */
  | { type: "ask"; parent: string; message: string }
  /** Requests the row of a job; answered with the row, or with nothing. */
  | { type: "row"; job: string }
  /**
   * Requests outcome pages; answered with the pages, in order. With `waits`, the answer comes once there is a page that
   * the task has not received, or after a second.
   */
  | { type: "pages"; parent: string; job: string; bucket: number; first: number; past: number; waits: boolean }
  | { type: "putBlob"; name: string; bytes: Uint8Array }
  /** Requests a blob; answered with its bytes. */
  | { type: "getBlob"; hash: string }
  | { type: "getPart"; pack: string; from: number; to: number }
  /** Sent when the task has failed: the tasks that it submitted are no longer needed. */
  | { type: "abandon"; parent: string };

/** A view's access to its engine. The two are bundled separately and share nothing else. */
export interface ViewPort {
  /** Id of the task that the view belongs to. */
  parent: string;
  /** fantail's exports on the engine, for functions that use them and that the task submits. */
  exports: Readonly<Record<string, unknown>>;
  /** Which functions the cluster accepts, as far as this engine knows. */
  code(): CodeRules;
  /** Classes that were sent with the task. */
  classes?: ClassesReference | undefined;
  /** Rejects if the engine cannot serve the call. */
  call(call: ViewCall): Promise<unknown>;
}

/** An open view of a task. */
export interface OpenView {
  view: object;
  /** Resolves when everything submitted through the view has been answered. The view cannot be used afterwards. */
  close(): Promise<void>;
}

/** Exports of the bundled view module. */
export interface ViewModule {
  openView(port: ViewPort): OpenView;
}
