import { CaptureError } from "../../../lambdas/protocol/errors.ts";
import { builtinNamespace } from "../packages/builtin-modules.ts";
import type { Binding, Met } from "../unit/binding.ts";
import { RUNTIME } from "../unit/reserved-names.ts";
import { isNamespace, isPlain, member } from "../values/value-shape.ts";
import type { CaptureState } from "./capture-state.ts";
import { importedAs } from "./function-origin.ts";
import type { PackageBindings } from "./package-bindings.ts";

/** Matches Vite's names for the objects that it creates for imports. */
const IMPORT_OBJECT = /^__vi(te_ssr)?_import_\d+__$/;

/** Captures only those members of an object that a function uses. */
export class MemberBindings {
  readonly #state: CaptureState;
  readonly #packages: PackageBindings;
  /** Objects that must be sent whole, even if a function uses only some members. */
  readonly #wholes: ReadonlySet<object>;
  /** Partly captured objects. */
  readonly parted = new Set<object>();

  constructor(state: CaptureState, packages: PackageBindings, wholes: ReadonlySet<object>) {
    this.#state = state;
    this.#packages = packages;
    this.#wholes = wholes;
  }

  /**
   * Returns the binding of a namespace, or of another object of which the function uses only some members; undefined for
   * an object that is sent whole.
   */
  of(value: object, met: Met): Binding | undefined {
    const imports = isNamespace(value) || IMPORT_OBJECT.test(met.name);
    const { members, methodCalls } = met.usage ?? { members: undefined, methodCalls: true };
    if (members && (imports || (!methodCalls && this.#canBeParted(value, members))))
      return this.#members(value, [...members], met);
    return imports ? this.#namespace(value, met) : undefined;
  }

  #canBeParted(value: object, members: ReadonlySet<string>): boolean {
    if (!isPlain(value) || this.#wholes.has(value)) return false;
    const isPart = [...members].every((name) => !Object.getOwnPropertyDescriptor(value, name)?.get);
    if (isPart) this.parted.add(value);
    return isPart;
  }

  #namespace(value: object, met: Met): Binding {
    const { unit } = this.#state;
    const builtin = builtinNamespace(value);
    if (builtin !== undefined) {
      unit.note(met, "builtin", builtin);
      return this.#state.remember(value, { code: `${RUNTIME}.namespace(${unit.builtin(builtin)})` });
    }
    const found = importedAs(met);
    const binding = found ? this.#packages.of(found, met, value) : this.#members(value, Object.keys(value), met);
    return this.#state.remember(value, binding);
  }

  /** Binds an object with only these members, each captured by itself. */
  #members(value: object, members: string[], met: Met): Binding {
    const { unit, bind } = this.#state;
    const slot = unit.newSlot(met.name);
    // In paths, show the import that the user wrote and not vite's object.
    const written = IMPORT_OBJECT.test(met.name) ? met.path.slice(0, -met.name.length) : undefined;
    if (written === undefined) unit.note(met, "namespace", members.join(", "));
    for (const name of members) {
      const path = written === undefined ? met.path + member(name) : written + name;
      const local = met.local ? { local: { name: met.local.name, member: name } } : {};
      const inner: Met = { path, name, scriptId: met.scriptId, installed: met.installed, ...local };
      unit.addBinding(slot, name, bind(readMember(value, name, path), inner));
    }
    unit.addSlot(slot);
    return { code: slot.at, slot: slot.index };
  }
}

function readMember(value: object, name: string, path: string): unknown {
  try {
    return Reflect.get(value, name);
  } catch (cause) {
    throw new CaptureError(path, "cannot be read yet: submit after its module has run", { cause });
  }
}
