import { guardOf } from "../../../lambdas/authoring/guard.ts";
import { CaptureError } from "../../../lambdas/protocol/errors.ts";
import { shippableSource } from "../functions/shippable-source.ts";
import { packageFunction } from "../packages/package-import.ts";
import type { Binding, CaptureOptions, Met } from "../unit/binding.ts";
import { CaptureState } from "./capture-state.ts";
import { engineOwn } from "./engine-own.ts";
import { importedAs, isFromPackage, isNodesOwn, scriptOf } from "./function-origin.ts";
import { FunctionSlots } from "./function-slots.ts";
import { GuardedFunctions } from "./guarded-functions.ts";
import { ObjectBindings } from "./object-bindings.ts";
import { boundParts } from "./object-slots.ts";
import { moduleBinding, PackageBindings } from "./package-bindings.ts";

/** Names by which Node's internal code refers to the language's functions, such as `ArrayPrototypePush`. */
const PRIMORDIAL = /^(Array|Function|Object|Promise|Reflect|Safe|String)(Prototype)?[A-Z]/;
const NODES_OWN =
  "was created by Node, and its closure cannot be captured: create it inside your function, as in promisify(readFile)";

/** Captures everything that one function needs: code, data, packages and modules. */
export class Capture {
  readonly #state: CaptureState;
  readonly #packages: PackageBindings;
  readonly #functions: FunctionSlots;
  readonly #guarded: GuardedFunctions;
  readonly #objects: ObjectBindings;

  /**
   * @param modules modules already known to be required
   * @param wholes objects already known to be used as a whole
   */
  constructor(
    options: CaptureOptions,
    modules: ReadonlySet<string> = new Set(),
    wholes: ReadonlySet<object> = new Set(),
  ) {
    this.#state = new CaptureState(options, modules, (value, met) => this.#bindingOf(value, met));
    this.#packages = new PackageBindings(this.#state);
    this.#functions = new FunctionSlots(this.#state, this.#packages);
    this.#guarded = new GuardedFunctions(this.#state, this.#functions);
    this.#objects = new ObjectBindings(this.#state, this.#packages, wholes);
  }

  /** The parts captured so far. */
  get unit(): CaptureState["unit"] {
    return this.#state.unit;
  }

  /** The modules that the engine must have. */
  get modules(): CaptureState["modules"] {
    return this.#state.modules;
  }

  /** Adds the entries of weak collections. Call last, because they depend on everything else that was captured. */
  settle(): void {
    this.#objects.settle();
  }

  /**
   * Returns objects that were captured in part for one function and as a whole for another. Both functions must see the
   * same object, so the capture has to start again.
   */
  takenApart(): object[] {
    return this.#objects.takenApart();
  }

  /**
   * Captures the function to send.
   *
   * @param fromPackage whether to check, by asking V8 for the function's file, if the function is an export of a
   * package
   * @throws CaptureError that names the value that cannot be sent
   */
  root(fn: object, name: string, fromPackage = false): Binding {
    const met: Met = { path: name, name, scriptId: undefined, installed: false };
    const guard = guardOf(fn);
    if (guard) return this.#guarded.of(fn, met, (inner) => this.root(inner, name, fromPackage));
    const known = engineOwn(fn, met, this.#state);
    if (known) return this.#state.remember(fn, known);
    const script = fromPackage ? scriptOf(fn) : undefined;
    const exported = script === undefined ? undefined : packageFunction(fn, script);
    if (exported) return this.#packages.of(exported, met, fn);
    const bound = boundParts(fn);
    if (bound) return this.#functions.bound(fn, bound, met);
    const source = shippableSource(fn, name);
    // Check the names first: asking V8 for the file would add 100 ms to the first call of every client.
    if ([...source.free.names.keys()].some((used) => PRIMORDIAL.test(used)) && isNodesOwn(fn, met))
      throw new CaptureError(name, NODES_OWN);
    if (source.isClass)
      throw new CaptureError(name, "is a class: pass a function that creates an instance and returns data");
    this.#objects.usedBy(met);
    return this.#functions.of(fn, met);
  }

  /**
   * Captures a class or another function that is not the one to run.
   *
   * @throws CaptureError that names the value that cannot be sent
   */
  part(fn: { name: string }, path: string): Binding {
    const met: Met = { path, name: fn.name, scriptId: undefined, installed: false };
    this.#objects.usedBy(met);
    return this.#bindingOf(fn, met);
  }

  /** Returns the expression that gives this value on the engine, capturing it if needed. */
  #bindingOf(value: unknown, met: Met): Binding {
    const required = this.#state.modules.importedAs(met);
    if (required) return moduleBinding(required, met, this.#state);
    if (typeof value !== "object" && typeof value !== "function" && typeof value !== "symbol")
      return this.#objects.data(value, met);
    if (value === null) return this.#objects.data(value, met);
    const known = this.#state.known(value) ?? engineOwn(value, met, this.#state);
    if (known) return this.#state.remember(value, known);
    if (typeof value === "symbol") return this.#symbol(value, met);
    if (typeof value === "object") return this.#objects.of(value, met);
    if (guardOf(value)) return this.#guarded.of(value, met, (inner) => this.#bindingOf(inner, met));
    return this.#function(value, met);
  }

  #symbol(value: symbol, met: Met): Binding {
    const { unit } = this.#state;
    unit.note(met, "symbol", String(value));
    return this.#state.remember(value, { code: unit.symbol(value) });
  }

  #function(fn: object, met: Met): Binding {
    const bound = boundParts(fn);
    if (bound) return this.#functions.bound(fn, bound, met);
    const source = shippableSource(fn, met.path);
    const closed = source.free.names.size === 0 && !source.heritage;
    if (!closed && isFromPackage(fn, met)) {
      const scriptId = scriptOf(fn);
      const found = (scriptId && packageFunction(fn, scriptId)) || importedAs(met);
      if (found) return this.#state.remember(fn, this.#packages.of(found, met, fn));
      return this.#functions.of(fn, { ...met, installed: true });
    }
    if (!closed && isNodesOwn(fn, met)) throw new CaptureError(met.path, NODES_OWN);
    return this.#functions.of(fn, { ...met, installed: false });
  }
}
