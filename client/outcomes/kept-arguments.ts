import type { TaskArguments } from "../../lambdas/protocol/spec-page.ts";

/** Maximum length of all kept arguments of one job, in characters. */
const MAX_CHARS = 1_000_000;

/**
 * The encoded arguments of one job's tasks that have not succeeded, for the messages of their errors. Arguments that
 * are stored in S3 or contain results are not kept, nor are any that would exceed `MAX_CHARS`.
 */
export class KeptArguments {
  readonly #texts: (string | undefined)[] = [];
  #chars = 0;

  keep(task: number, args: TaskArguments): void {
    if (typeof args !== "string" || this.#chars + args.length > MAX_CHARS) return;
    this.#chars += args.length;
    this.#texts[task] = args;
  }

  drop(task: number): void {
    if (task < this.#texts.length) this.#texts[task] = undefined;
  }

  /** A task's encoded list of arguments, or a chunk's encoded list of argument lists; undefined if it was not kept. */
  of(task: number): string | undefined {
    return this.#texts[task];
  }
}
