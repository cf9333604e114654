import type { EncodedValue } from "../../lambdas/protocol/function-reference.ts";
import type { TaskArguments } from "../../lambdas/protocol/spec-page.ts";
import { hasDrafts, placedArguments } from "./placed-arguments.ts";

/** Number of tasks in a block. Every number of tasks in a page divides it. */
const BLOCK_TASKS = 100;

/** JSON text contains no line break. */
const BETWEEN = "\n";

/**
 * The arguments of a job's tasks as JSON text, a hundred tasks in one string. A string for each of a million tasks would
 * take three times as much memory.
 */
export class ArgumentTexts {
  readonly #blocks: string[] = [];
  #last: string[] = [];
  /** Arguments of which a part will be uploaded. The location of that part is known only when the job is complete. */
  #drafted: Map<number, TaskArguments> | undefined;

  get length(): number {
    return this.#blocks.length * BLOCK_TASKS + this.#last.length;
  }

  /** Adds the arguments of the next task. */
  add(args: TaskArguments): void {
    const isDrafted = hasDrafts(args);
    if (isDrafted) {
      this.#drafted ??= new Map();
      this.#drafted.set(this.length, args);
    }
    this.#last.push(isDrafted ? "" : JSON.stringify(args));
    if (this.#last.length < BLOCK_TASKS) return;
    this.#blocks.push(this.#last.join(BETWEEN));
    this.#last = [];
  }

  /**
   * The texts of all tasks in order, a block at a time.
   *
   * @param locations where drafted values are stored
   */
  *blocks(locations: ReadonlyMap<string, EncodedValue>): Generator<readonly string[]> {
    for (const [at, block] of this.#blocks.entries()) yield this.#located(at, block.split(BETWEEN), locations);
    if (this.#last.length > 0) yield this.#located(this.#blocks.length, this.#last, locations);
  }

  #located(block: number, texts: readonly string[], locations: ReadonlyMap<string, EncodedValue>): readonly string[] {
    const drafted = this.#drafted;
    if (drafted === undefined) return texts;
    return texts.map((text, at) => {
      const args = drafted.get(block * BLOCK_TASKS + at);
      return args === undefined ? text : JSON.stringify(placedArguments(args, locations));
    });
  }
}
