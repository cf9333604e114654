import type { Binding, CaptureOptions } from "../unit/binding.ts";
import type { Bind } from "../unit/own-lines.ts";
import { UnitParts } from "../unit/unit-parts.ts";
import { RequiredModules } from "./required-modules.ts";

/** State shared by the parts of a capture: what was captured so far, and how to capture another value. */
export class CaptureState {
  readonly unit = new UnitParts();
  readonly options: CaptureOptions;
  readonly modules: RequiredModules;
  /** Captures a value and returns the expression that gives it on the engine. */
  readonly bind: Bind;
  readonly #bindings = new Map<unknown, Binding>();

  constructor(options: CaptureOptions, modules: ReadonlySet<string>, bind: Bind) {
    this.options = options;
    this.modules = new RequiredModules(modules);
    this.bind = bind;
  }

  /** Returns the binding of a value already captured. */
  known(value: unknown): Binding | undefined {
    return this.#bindings.get(value);
  }

  remember(value: unknown, binding: Binding): Binding {
    this.#bindings.set(value, binding);
    return binding;
  }
}
