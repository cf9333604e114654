import type { FunctionReference } from "../protocol/function-reference.ts";
import type { SpecPage, TaskArguments } from "../protocol/spec-page.ts";

/** What one task runs, apart from the page that it stands in. */
export interface LooseSpec {
  fn: FunctionReference;
  args: TaskArguments;
}

/** One page of tasks that stood in others: each function once, however many pages had it. */
export function gatheredPage(specs: readonly LooseSpec[]): SpecPage {
  const page: SpecPage = { functions: [], tasks: [] };
  const places = new Map<string, number>();
  for (const { fn, args } of specs) {
    const name = JSON.stringify(fn);
    let place = places.get(name);
    if (place === undefined) {
      place = page.functions.push(fn) - 1;
      places.set(name, place);
    }
    page.tasks.push([place, args]);
  }
  return page;
}
