import { annotationOf } from "../../../lambdas/authoring/annotations.ts";
import type { Guard } from "../../../lambdas/authoring/guard.ts";
import { computedKeys, givenName, keptStatics, type MadeBy, prototypeOf } from "../functions/function-properties.ts";
import { refuseNameless } from "../functions/given-names.ts";
import { shippableSource } from "../functions/shippable-source.ts";
import { isStrict } from "../functions/strict-mode.ts";
import { readScopes, type ScopeReading } from "../inspector/scope-reader.ts";
import { canReadScopes } from "../inspector/session.ts";
import type { FreeName } from "../source/free-names.ts";
import type { FunctionSource } from "../source/function-source.ts";
import type { Binding, Met, Slot } from "../unit/binding.ts";
import { PARENT, RUNTIME } from "../unit/reserved-names.ts";
import { isEngineGlobal } from "../values/intrinsics.ts";
import { annotate } from "./annotations.ts";
import type { CaptureState } from "./capture-state.ts";
import { refuseChangedPrototypes } from "./foreign-changes.ts";
import { freeNameBinding, givenBinding } from "./free-name-binding.ts";
import { locationOfMany } from "./function-origin.ts";
import { addComputedKeys, addFunctionParts, type FunctionParts, inheritedLines } from "./function-parts.ts";
import { type BoundParts, boundLines } from "./object-slots.ts";
import type { PackageBindings } from "./package-bindings.ts";

/** Functions known to use only globals that every engine has: their scopes need not be read again. */
const selfContained = new WeakSet<object>();

/** The outer function of a guarded function, and its guards. */
export interface Guarded {
  outer: unknown;
  guards: readonly Guard[];
}

/** A function whose free names must be bound, and where to find their values. */
interface Naming {
  slot: Slot;
  source: FunctionSource;
  reading: ScopeReading;
  inside: Met;
  guards: readonly Guard[];
}

/** Captures functions and classes that the unit creates from their text, with everything they use. */
export class FunctionSlots {
  readonly #state: CaptureState;
  readonly #packages: PackageBindings;

  constructor(state: CaptureState, packages: PackageBindings) {
    this.#state = state;
    this.#packages = packages;
  }

  /**
   * Captures a function or class.
   *
   * @param guarded the function that wraps it, and guards that may bind names. Default: the function itself, and no
   *   guards
   */
  of(fn: object, met: Met, { outer, guards }: Guarded = { outer: fn, guards: [] }): Binding {
    const { unit } = this.#state;
    const { path } = met;
    const written = shippableSource(fn, path);
    const kept = written.isClass ? keptStatics(fn, written) : new Set<number>();
    const source = written.keeping(kept);
    const slot = unit.newSlot(source.anonymous ? givenName(fn) : "", source);
    const binding = this.#state.remember(outer, { code: slot.at, slot: slot.index });
    unit.note(met, source.isClass ? "class" : "function", givenName(fn), fn);
    const reading = this.#readNames(fn, source);
    slot.location = reading.location ?? (this.#state.options.capture ? locationOfMany(fn, source) : undefined);
    slot.strict = isStrict(fn, source, slot.location, path);
    const scriptId = reading.location?.scriptId ?? met.scriptId;
    const inside: Met = { path, name: met.name, scriptId, installed: met.installed };
    refuseNameless(guards, reading.values, path);
    refuseChangedPrototypes(source.memberNames, path);
    const naming: Naming = { slot, source, reading, inside, guards };
    const addNames = (areEvaluated: boolean) => {
      for (const [name, usage] of source.free.names)
        if (source.evaluated.has(name) === areEvaluated) this.#addName(name, usage, naming);
    };
    // First bind the values that evaluating the text needs. The others may be created later.
    if (source.heritage) this.#addParent(slot, fn, source.heritage, inside);
    addNames(true);
    const made = { source, kept, keys: computedKeys(fn, source) };
    this.#addKeys(slot, made, inside);
    unit.addSlot(slot);
    const prototype = this.#rememberPrototype(slot, fn, source);
    addNames(false);
    for (const request of source.free.requests) this.#packages.addRequest(slot, request, fn, met);
    this.#addParts(slot, { ...made, fn, met: inside, prototype });
    this.#addAnnotations(binding, fn, met);
    return binding;
  }

  /** Captures a bound function, which is rebuilt from its target, `this` and arguments. */
  bound(fn: object, { target, self, args }: BoundParts, met: Met): Binding {
    const { path, scriptId, installed } = met;
    const { unit, bind } = this.#state;
    const slot = unit.newSlot("");
    const binding = this.#state.remember(fn, { code: slot.at, slot: slot.index });
    const inner = (part: string): Met => ({ path: `${path} → ${part}`, name: part, scriptId, installed });
    const names = [`bound ${givenName(target)}`, "bound this", ...args.map((_, at) => `bound argument ${at + 1}`)];
    const parts = [target, self, ...args].map((part, at) =>
      part === undefined ? "undefined" : bind(part, inner(names[at] ?? "")).code,
    );
    slot.make = `${RUNTIME}.bound(${parts.join(", ")})`;
    unit.addSlot(slot);
    unit.note(met, "function", givenName(fn), fn);
    slot.finish.push(...boundLines(slot, fn, inner("bound function"), bind));
    return binding;
  }

  #readNames(fn: object, source: FunctionSource): ScopeReading {
    const names = [...source.free.names.keys()];
    const nothing: ScopeReading = { location: undefined, values: new Map(), uninitialized: new Set() };
    if (names.length === 0 || selfContained.has(fn) || !this.#state.options.capture || !canReadScopes()) return nothing;
    const reading = readScopes(fn, names);
    if (reading.values.size === 0 && reading.uninitialized.size === 0 && names.every(isEngineGlobal))
      selfContained.add(fn);
    return reading;
  }

  #addName(name: string, usage: FreeName, { slot, source, reading, inside, guards }: Naming): void {
    const inner: Met = { ...inside, path: `${inside.path} → ${name}`, name, local: { name }, usage };
    const isEvaluated = source.evaluated.has(name);
    if (slot.index === 0 || isEvaluated) inner.isSure = isEvaluated || usage.certain;
    const found =
      givenBinding(name, guards, reading, inner, this.#state) ??
      freeNameBinding(name, usage, reading, inner, this.#state);
    if (found) this.#state.unit.addBinding(slot, name, found);
  }

  /** Captures a class's parent. No scope holds the parent, but it is the prototype of the class. */
  #addParent(slot: Slot, fn: object, heritage: { start: number; end: number }, met: Met): void {
    const inner = { ...met, path: `${met.path} → extends`, name: "extends" };
    this.#state.unit.addBinding(slot, PARENT, this.#state.bind(Object.getPrototypeOf(fn), inner));
    slot.edits.push({ ...heritage, code: PARENT });
  }

  #addKeys(slot: Slot, made: MadeBy, inside: Met): void {
    const { unit, bind } = this.#state;
    addComputedKeys(slot, made, (name, key) =>
      unit.addBinding(slot, name, bind(key, { ...inside, path: `${inside.path}[${String(key)}]`, name: "" })),
    );
  }

  /**
   * Records the function's `prototype` as created by the text. Returns its binding if it was already captured by
   * itself.
   */
  #rememberPrototype(slot: Slot, fn: object, source: FunctionSource): Binding | undefined {
    const prototype = prototypeOf(fn, source);
    if (!prototype) return undefined;
    const known = this.#state.known(prototype);
    if (!known) this.#state.remember(prototype, { code: `${slot.at}.prototype`, slot: slot.index });
    return known;
  }

  #addParts(slot: Slot, made: Omit<FunctionParts, "isOwn">): void {
    const parts: FunctionParts = {
      ...made,
      isOwn: (method, code) => {
        const known = this.#state.known(method);
        if (!known) this.#state.remember(method, { code, slot: slot.index });
        return !known || known.code === code;
      },
    };
    slot.finish.push(...inheritedLines(slot, parts, this.#state.bind));
    addFunctionParts(slot, parts, this.#state.bind);
  }

  /** Captures annotations that the function already had when it was sent to this engine. */
  #addAnnotations(binding: Binding, fn: object, met: Met): void {
    const annotation = annotationOf(fn);
    if (!annotation) return;
    for (const module of annotation.modules) this.#state.modules.names.add(module);
    const predicates = annotation.checks.map(([predicate, args]) => ({ fn: predicate, args }));
    annotate(binding, annotation.modules, predicates, met, this.#state);
  }
}
