import type { PackageImport } from "../packages/package-import.ts";
import type { FunctionSource } from "../source/function-source.ts";
import type { Lock } from "../values/own-changes.ts";
import type { Binding, Captured, CheckBinding, Met, Slot } from "./binding.ts";
import { RUNTIME } from "./reserved-names.ts";

/** The parts of a code unit as they are collected: code, data, packages and modules. */
export class UnitParts {
  /** Functions, classes and other objects, in order of creation. */
  readonly slots: Slot[] = [];
  readonly values: unknown[] = [];
  /**
   * Functions and other code inside data. Each is replaced by an empty object of its own, and put back on the engine.
   */
  readonly placeholders = new Map<unknown, Binding>();
  /** Locked objects among the data. */
  readonly locks = new Map<object, Lock>();
  readonly packages: PackageImport[] = [];
  readonly builtins = new Set<string>();
  /** Names of the deployed functions that the unit uses. */
  readonly deployed = new Set<string>();
  /** Predicates to evaluate before a task runs, with their arguments. */
  readonly checks: CheckBinding[] = [];
  /** The annotations of the functions that tasks of this unit may submit. */
  readonly annotations: { fn: Binding; modules: readonly string[]; checks: CheckBinding[] }[] = [];
  readonly captured: Captured[] = [];
  readonly #made = new Map<number, number>();
  #nextSlot = 0;
  #symbols = 0;

  /** Reserves a slot, so that other slots can refer to it before it is created. */
  newSlot(name: string, source?: FunctionSource): Slot {
    const index = this.#nextSlot++;
    return {
      index,
      at: `${RUNTIME}.s[${index}]`,
      source,
      name,
      strict: true,
      make: "{}",
      bindings: [],
      finish: [],
      locks: [],
      edits: [],
    };
  }

  /** Puts a slot into the order of creation, after all slots added so far. */
  addSlot(slot: Slot): void {
    this.#made.set(slot.index, this.slots.length);
    this.slots.push(slot);
  }

  /** Binds a name in a slot's scope. A value that is created later than the slot is assigned at the end. */
  addBinding(slot: Slot, name: string, binding: Binding): void {
    slot.bindings.push({ name, binding, late: binding.slot !== undefined && !this.#isMadeBefore(binding.slot, slot) });
  }

  #isMadeBefore(index: number, slot: Slot): boolean {
    const [one, other] = [this.#made.get(index), this.#made.get(slot.index)];
    return one !== undefined && (other === undefined || one < other);
  }

  builtin(module: string): string {
    this.builtins.add(module);
    return `${RUNTIME}.builtin(${JSON.stringify(module)})`;
  }

  symbol(value: symbol): string {
    return `${RUNTIME}.symbol(${this.#symbols++}, ${JSON.stringify(value.description)})`;
  }

  addValue(value: unknown): Binding {
    this.values.push(value);
    return { code: `${RUNTIME}.d[${this.values.length - 1}]` };
  }

  note(met: Met, kind: Captured["kind"], what: string, value?: unknown): void {
    this.captured.push({ path: met.path, kind, what, value });
  }
}
