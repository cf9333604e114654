import { types } from "node:util";
import { CaptureError } from "../../../lambdas/protocol/errors.ts";
import { hasSource, PROXY } from "../functions/shippable-source.ts";
import { canReadScopes } from "../inspector/session.ts";
import { commonJsExport, type PackageImport } from "../packages/package-import.ts";
import type { Binding, Met } from "../unit/binding.ts";
import { DataWalk } from "../values/captured-data.ts";
import { instanceShape, type ObjectShape, objectShape } from "../values/object-shape.ts";
import { describeData, isNamespace, isPlain, isPlainData } from "../values/value-shape.ts";
import { whyNotData } from "../values/why-not-data.ts";
import type { CaptureState } from "./capture-state.ts";
import { engineOwn } from "./engine-own.ts";
import { importedAs, scriptOf } from "./function-origin.ts";
import { prototypeBinding } from "./function-parts.ts";
import { isOfOwnClass } from "./instances.ts";
import { MemberBindings } from "./member-bindings.ts";
import { addShape, WeakCollections } from "./object-slots.ts";
import type { PackageBindings } from "./package-bindings.ts";

/** Captures values other than functions: data, and objects that the unit creates. */
export class ObjectBindings {
  readonly #state: CaptureState;
  readonly #packages: PackageBindings;
  readonly #members: MemberBindings;
  readonly #data: DataWalk;
  readonly #weak = new WeakCollections();
  /** Where the data being walked is used. */
  #user: Met = { path: "", name: "", scriptId: undefined, installed: false };

  constructor(state: CaptureState, packages: PackageBindings, wholes: ReadonlySet<object>) {
    this.#state = state;
    this.#packages = packages;
    this.#members = new MemberBindings(state, packages, wholes);
    this.#data = new DataWalk({
      takesInstances: state.options.ownClasses !== true,
      takeCode: (value, path) => this.#takeCode(value, path),
      allowSecrets: state.options.allowSecrets,
      noteLock: (value, lock) => state.unit.locks.set(value, lock),
    });
  }

  /** Sets where the values visited next are used. */
  usedBy(met: Met): void {
    this.#user = met;
  }

  of(value: object, met: Met): Binding {
    if (types.isProxy(value) && !isPlain(value)) throw new CaptureError(met.path, PROXY);
    const parted = this.#members.of(value, met);
    if (parted) return parted;
    const found = this.#packageObject(value, met);
    if (found) return this.#state.remember(value, this.#packages.of(found, met, value));
    return this.#codeObject(value, met) ?? this.data(value, met);
  }

  data(value: unknown, met: Met): Binding {
    const { unit } = this.#state;
    const outer = this.#user;
    this.#user = met;
    this.#data.visit(value, met.name, met.path);
    this.#user = outer;
    const binding = unit.addValue(value);
    unit.note(met, "data", describeData(value), value);
    if (typeof value === "object" && value !== null) this.#state.remember(value, binding);
    return binding;
  }

  /** Adds the entries of weak collections. Call last, because they depend on which keys were captured. */
  settle(): void {
    const { unit, bind } = this.#state;
    const keyOf = (key: unknown) => {
      const known = this.#state.known(key) ?? (this.#data.has(key) ? unit.addValue(key) : undefined);
      return known && this.#state.remember(key, known);
    };
    this.#weak.settle(keyOf, bind);
  }

  /** Returns objects that were captured in part for one function and as a whole for another. */
  takenApart(): object[] {
    return [...this.#members.parted].filter((value) => this.#state.known(value) || this.#data.has(value));
  }

  /** Returns the import of an object that a package exports, if sending it as data would lose something. */
  #packageObject(value: object, met: Met): PackageImport | undefined {
    const { scriptId } = met;
    if (!met.local || scriptId === undefined || isPlainData(value, (fn) => scriptOf(fn) === scriptId)) return undefined;
    return commonJsExport(value) ?? importedAs(met);
  }

  /** Binds an object that the unit creates; undefined for data. */
  #codeObject(value: object, met: Met): Binding | undefined {
    if (types.isWeakMap(value) || types.isWeakSet(value)) return this.#weakCollection(value, met);
    const made: unknown = Object.getOwnPropertyDescriptor(value, "constructor")?.value;
    if (typeof made === "function" && hasSource(made) && Reflect.get(made, "prototype") === value)
      return prototypeBinding(value, { ...met, instances: false }, this.#state.bind);
    const shape = this.#shapeOf(value, met);
    if (!shape) return undefined;
    const { unit, bind } = this.#state;
    const slot = unit.newSlot("");
    const binding = this.#state.remember(value, { code: slot.at, slot: slot.index });
    const { local: _local, usage: _usage, ...inner } = met;
    if (shape.bare) slot.make = this.data(shape.bare, inner).code;
    unit.addSlot(slot);
    unit.note(met, "object", describeData(value), value);
    addShape(slot, value, shape, inner, bind);
    return binding;
  }

  #shapeOf(value: object, met: Met): ObjectShape | undefined {
    const shape = objectShape(value);
    if (shape || !met.instances || !isOfOwnClass(value, met.installed ? undefined : met.scriptId)) return shape;
    return instanceShape(value);
  }

  #weakCollection(value: object, met: Met): Binding {
    if (!canReadScopes()) throw new CaptureError(met.path, whyNotData(value));
    const { unit } = this.#state;
    const slot = unit.newSlot("");
    slot.make = types.isWeakMap(value) ? "new WeakMap()" : "new WeakSet()";
    unit.addSlot(slot);
    unit.note(met, "object", describeData(value), value);
    const { path, name, scriptId, installed } = met;
    this.#weak.add(value, slot, { path, name, scriptId, installed });
    return this.#state.remember(value, { code: slot.at, slot: slot.index });
  }

  /** Captures code found inside data, such as a function in a table, a class or `Math`. Returns false for data. */
  #takeCode(value: unknown, path: string): boolean {
    const { placeholders } = this.#state.unit;
    if (placeholders.has(value)) return true;
    const binding = this.#state.known(value) ?? this.#codeInside(value, path);
    if (!binding) return false;
    placeholders.set(value, binding);
    return true;
  }

  #codeInside(value: unknown, path: string): Binding | undefined {
    const { scriptId, installed, instances = false } = this.#user;
    const met: Met = { path, name: path, scriptId, installed, instances };
    if (typeof value !== "object" || value === null || isNamespace(value)) return this.#state.bind(value, met);
    return engineOwn(value, met, this.#state) ?? this.#codeObject(value, met);
  }
}
