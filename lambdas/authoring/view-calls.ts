import type { CodeRules } from "../protocol/code-rules.ts";
import type { ClassesReference } from "../protocol/function-reference.ts";

/** What a task's view asks of its engine's main thread. */
export type ViewCall =
  /** A message for the scheduler, as JSON text; answered with a SchedulerAnswer. */
  | { type: "ask"; parent: string; message: string }
  /** Answered with the job's row, or nothing. */
  | { type: "row"; job: string }
  /** Answered with the outcome pages, in order. */
  | { type: "pages"; job: string; bucket: number; first: number; past: number }
  | { type: "putBlob"; hash: string; bytes: Uint8Array }
  /** Answered with its bytes. */
  | { type: "getBlob"; hash: string }
  /** The task has failed: nobody is left to want what it submitted. */
  | { type: "abandon"; parent: string };

/** What a view is opened with: the two ends are bundled apart, so this is all that they share. */
export interface ViewPort {
  /** Id of the task whose view it is. */
  parent: string;
  /** What fantail's exports are on an engine: a function that uses them may be shipped on. */
  exports: Readonly<Record<string, unknown>>;
  /** Which functions the cluster takes, as far as it is known here. */
  code(): CodeRules;
  /** Classes that came with the task. */
  classes?: ClassesReference | undefined;
  /** Rejects when the engine could not do it. */
  call(call: ViewCall): Promise<unknown>;
}

/** A task's view, opened. */
export interface OpenView {
  view: object;
  /** Resolves when everything that was submitted has been answered; then the view is of no more use. */
  close(): Promise<void>;
}

/** What the module of the view exports. */
export interface ViewModule {
  openView(port: ViewPort): OpenView;
}
