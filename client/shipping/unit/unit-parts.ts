import type { PackageImport } from "../packages/package-import.ts";
import type { FunctionSource } from "../source/function-source.ts";
import type { Lock } from "../values/own-changes.ts";
import type { Binding, Captured, CheckBinding, Met, Slot } from "./binding.ts";
import { RUNTIME } from "./reserved-names.ts";

/** What a code unit is written of: code, data, packages and modules, as they are collected. */
export class UnitParts {
  /** Functions, classes and other objects, in the order in which they are made. */
  readonly slots: Slot[] = [];
  readonly values: unknown[] = [];
  /** Code inside data: each is replaced by an empty object of its own, and put back on the engine. */
  readonly placeholders = new Map<unknown, Binding>();
  /** Objects among the data that are closed to changes. */
  readonly locks = new Map<object, Lock>();
  readonly packages: PackageImport[] = [];
  readonly builtins = new Set<string>();
  /** Names of deployed functions. */
  readonly deployed = new Set<string>();
  /** What is asked before a task runs: expressions of predicates and their arguments. */
  readonly checks: CheckBinding[] = [];
  /** What is said of functions, for tasks that submit them on. */
  readonly annotations: { fn: Binding; modules: readonly string[]; checks: CheckBinding[] }[] = [];
  readonly captured: Captured[] = [];
  readonly #made = new Map<number, number>();
  #nextSlot = 0;
  #symbols = 0;

  /** A place for something that the unit makes; it can be referred to before it is made. */
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

  /** Sets the moment at which it is made: after all that were added before. */
  addSlot(slot: Slot): void {
    this.#made.set(slot.index, this.slots.length);
    this.slots.push(slot);
  }

  /** Gives a slot's source a name to see. What is made later than the slot is put into its scope at the end. */
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
