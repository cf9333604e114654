import type { FunctionReference } from "../protocol/function-reference.ts";
import type { SpecPage, TaskArguments } from "../protocol/spec-page.ts";

/** A task's function and arguments. The function is included, not referred to by its position in a page. */
export interface LooseSpec {
  fn: FunctionReference;
  args: TaskArguments;
}

/** Gathers tasks from several pages into one, which holds each distinct function once. */
export function gatheredPage(specs: readonly LooseSpec[]): SpecPage {
  const page: SpecPage = { functions: [], tasks: [] };
  const indexes = new Map<string, number>();
  for (const { fn, args } of specs) {
    const name = JSON.stringify(fn);
    let index = indexes.get(name);
    if (index === undefined) {
      index = page.functions.push(fn) - 1;
      indexes.set(name, index);
    }
    page.tasks.push([index, args]);
  }
  return page;
}
