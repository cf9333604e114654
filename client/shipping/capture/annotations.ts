import type { Guard } from "../../../lambdas/authoring/guard.ts";
import type { Binding, CheckBinding, Met } from "../unit/binding.ts";
import type { CaptureState } from "./capture-state.ts";

/** A predicate of `depend`: a function called before a task runs, and its arguments. */
export type Predicate = NonNullable<Guard["predicate"]>;

/**
 * Records what `requires` and `depend` demand for a function: checks before this task runs, and annotations for the
 * tasks that it submits.
 */
export function annotate(
  fn: Binding,
  modules: readonly string[],
  predicates: readonly Predicate[],
  met: Met,
  { unit, bind }: CaptureState,
): void {
  const checks = predicates.map((predicate) => check(predicate, met, bind));
  unit.checks.push(...checks);
  // Annotate only what this unit makes: the engine's own objects are shared by all clients.
  if (fn.slot !== undefined && modules.length + checks.length > 0) unit.annotations.push({ fn, modules, checks });
}

function check({ fn, args }: Predicate, met: Met, bind: CaptureState["bind"]): CheckBinding {
  const { scriptId, installed } = met;
  const path = `${met.path} → depend(${fn.name})`;
  const predicate = bind(fn, { path, name: fn.name, scriptId, installed });
  const bound = args.map((arg, position) =>
    bind(arg, { path: `${path}.args[${position}]`, name: "", scriptId, installed }),
  );
  return { predicate, args: bound };
}
