import type { Guard } from "../../../lambdas/authoring/guard.ts";
import { CaptureError } from "../../../lambdas/protocol/errors.ts";
import { variableOf } from "../packages/module-name.ts";
import type { FunctionSource } from "../source/function-source.ts";

/** The value or the module that a guard binds to a free name. */
export type Given = { value: unknown } | { module: string };

/** Whether a guard may bind a name that the function uses. */
export function mayBeGiven({ free }: FunctionSource, guards: readonly Guard[]): boolean {
  return guards.some(
    ({ functions, values, modules }) =>
      functions.length > 0 ||
      [...values.keys(), ...modules.map(variableOf)].some((variable) => free.names.has(variable)),
  );
}

/**
 * Returns the value or module that the guards bind to a free name; undefined if the scopes decide.
 *
 * @param held the values that the scopes hold, by name
 */
export function givenFor(
  name: string,
  guards: readonly Guard[],
  held: ReadonlyMap<string, unknown>,
): Given | undefined {
  const isHeld = (fn: unknown) => [...held.values()].includes(fn);
  for (const { functions, values, modules } of guards) {
    if (values.has(name)) return { value: values.get(name) };
    const pushed = functions.find((fn) => fn.name === name && !isHeld(fn));
    if (pushed) return { value: pushed };
    const module = modules.find((required) => variableOf(required) === name);
    if (module !== undefined) return { module };
  }
  return undefined;
}

/**
 * Refuses required functions that the guarded function could not call.
 *
 * @throws CaptureError for a required function that has neither a name nor a variable that holds it
 */
export function refuseNameless(guards: readonly Guard[], held: ReadonlyMap<string, unknown>, path: string): void {
  const nameless = guards.some(({ functions }) =>
    functions.some((fn) => fn.name === "" && ![...held.values()].includes(fn)),
  );
  if (nameless) throw new CaptureError(path, "requires(…) got a function without a name: write { name: fn }");
}
