import type { Binding, CaptureOptions } from "../unit/binding.ts";
import type { Bind } from "../unit/own-lines.ts";
import { UnitParts } from "../unit/unit-parts.ts";
import { RequiredModules } from "./required-modules.ts";

/** What the parts of a capture share: what was taken so far, and how a further value is taken. */
export class CaptureState {
  readonly unit = new UnitParts();
  readonly options: CaptureOptions;
  readonly modules: RequiredModules;
  /** Takes a value, and gives its expression on the engine. */
  readonly bind: Bind;
  readonly #bindings = new Map<unknown, Binding>();

  constructor(options: CaptureOptions, modules: ReadonlySet<string>, bind: Bind) {
    this.options = options;
    this.modules = new RequiredModules(modules);
    this.bind = bind;
  }

  /** The binding of a value that was taken already. */
  known(value: unknown): Binding | undefined {
    return this.#bindings.get(value);
  }

  remember(value: unknown, binding: Binding): Binding {
    this.#bindings.set(value, binding);
    return binding;
  }
}
