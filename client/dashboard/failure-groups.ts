import type { EncodedError, EntryStatus } from "../../lambdas/protocol/outcome-page.ts";
import type { FailureRow } from "./live-data.ts";

/** Maximum number of groups: failures with further errors are counted in the last one. */
const MAX_GROUPS = 50;
const MAX_TASKS = 20;
/** Number of tasks per group whose arguments are shown. */
const MAX_ARGUMENTS = 3;
const MESSAGE_CHARS = 500;
const STACK_CHARS = 4000;
const OTHERS = "others";

/**
 * Groups failures by error: the same class, the same message except for its numbers, thrown at the same place. The
 * number of groups and their size are limited, whatever the tasks throw.
 */
export class FailureGroups {
  readonly #groups = new Map<string, FailureRow>();

  get rows(): Iterable<FailureRow> {
    return this.#groups.values();
  }

  /** The tasks whose arguments still have to be added. */
  get withoutArguments(): number[] {
    return [...this.#groups.values()].flatMap(({ tasks, args }) =>
      tasks.slice(0, MAX_ARGUMENTS).filter((task) => !(task in args)),
    );
  }

  /** Adds the shortened arguments of tasks; an empty string if they are unknown. */
  addArguments(shown: ReadonlyMap<number, string>): void {
    for (const { tasks, args } of this.#groups.values())
      for (const task of tasks.slice(0, MAX_ARGUMENTS)) {
        const text = shown.get(task);
        if (text !== undefined) args[task] = text;
      }
  }

  /** Adds the failure of a task. */
  add(task: number, status: EntryStatus, error: EncodedError | undefined): void {
    const name = error?.ename ?? status;
    const message = cut(error?.evalue ?? `the task ended as ${status}`, MESSAGE_CHARS);
    const stack = cut(error?.traceback ?? "", STACK_CHARS);
    const id = [name, message.replace(/\d+/g, "0"), firstFrame(stack)].join("\n");
    const group = this.#groups.get(id) ?? this.#newGroup({ id, name, message, stack, count: 0, tasks: [], args: {} });
    group.count++;
    if (group.tasks.length < MAX_TASKS) group.tasks.push(task);
  }

  #newGroup(row: FailureRow): FailureRow {
    const isLast = this.#groups.size >= MAX_GROUPS - 1;
    const group = isLast
      ? (this.#groups.get(OTHERS) ?? { ...row, id: OTHERS, name: "other errors", message: "", stack: "" })
      : row;
    this.#groups.set(group.id, group);
    return group;
  }
}

/** The first line of a stack that names a place. */
function firstFrame(stack: string): string {
  return stack.split("\n").find((line) => /^\s*at /.test(line)) ?? "";
}

function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}
