import { deployedName } from "../../../lambdas/authoring/deployed-names.ts";
import { guardsOf } from "../../../lambdas/authoring/guard.ts";
import { mayBeGiven } from "../functions/given-names.ts";
import { hasSource, shippableSource } from "../functions/shippable-source.ts";
import type { Binding, Met } from "../unit/binding.ts";
import { annotate } from "./annotations.ts";
import type { CaptureState } from "./capture-state.ts";
import type { FunctionSlots } from "./function-slots.ts";

/**
 * Captures functions with the guards of `requires` and `depend`. Names that a guard binds are visible to that function
 * only; requirements on engines apply to the whole task.
 */
export class GuardedFunctions {
  readonly #state: CaptureState;
  readonly #slots: FunctionSlots;
  readonly #seen = new Set<unknown>();

  constructor(state: CaptureState, slots: FunctionSlots) {
    this.#state = state;
    this.#slots = slots;
  }

  /**
   * Captures a guarded function.
   *
   * @param plain captures the function inside if no guard binds a name for it
   */
  of(outer: object, met: Met, plain: (fn: object) => Binding): Binding {
    const { guards, fn } = guardsOf(outer) ?? { guards: [], fn: outer };
    const isNew = !this.#seen.has(outer);
    this.#seen.add(outer);
    const modules = guards.flatMap((guard) => guard.modules);
    for (const module of modules) {
      if (isNew) this.#state.unit.note(met, "module", module);
      this.#state.modules.names.add(module);
    }
    const given = hasSource(fn) && deployedName(fn) === undefined && mayBeGiven(shippableSource(fn, met.path), guards);
    const binding = given ? this.#slots.of(fn, met, { outer, guards }) : this.#state.remember(outer, plain(fn));
    if (!isNew) return binding;
    const predicates = guards.flatMap(({ predicate }) => predicate ?? []);
    annotate(binding, modules, predicates, met, this.#state);
    return binding;
  }
}
