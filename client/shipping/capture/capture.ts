import { types } from "node:util";
import { deployedName, isDeployedModule } from "../../../lambdas/authoring/deployed-names.ts";
import { type Guard, guardOf, guardsOf } from "../../../lambdas/authoring/guard.ts";
import { stampOf } from "../../../lambdas/authoring/stamps.ts";
import { registrationOf } from "../../../lambdas/protocol/class-registry.ts";
import { CaptureError } from "../../../lambdas/protocol/errors.ts";
import { computedKeys, givenName, keptStatics, prototypeOf } from "../functions/function-properties.ts";
import { givenFor, mayBeGiven, refuseNameless } from "../functions/given-names.ts";
import { hasSource, IMPORT_META, PROXY, shippableSource } from "../functions/shippable-source.ts";
import { canReadScopes, readScopes, type ScopeReading } from "../inspector/scope-reader.ts";
import { builtinNamespace, builtinPlace, isBuiltin, isBuiltinModule } from "../packages/builtin-modules.ts";
import { commonJsExport, type PackageImport, packageFunction, packageRequest } from "../packages/package-import.ts";
import type { FreeName, ModuleRequest } from "../source/free-names.ts";
import type { FunctionSource } from "../source/function-source.ts";
import type { Binding, CaptureOptions, CheckBinding, Met, Slot } from "../unit/binding.ts";
import type { Bind } from "../unit/own-lines.ts";
import { UnitParts } from "../unit/unit-parts.ts";
import { PARENT, RUNTIME } from "../unit/unit-words.ts";
import { DataWalk } from "../values/captured-data.ts";
import { intrinsicExpression, isEngineGlobal } from "../values/intrinsics.ts";
import { instanceShape, objectShape } from "../values/object-shape.ts";
import { ownExportName } from "../values/own-exports.ts";
import { describeData, isNamespace, isPlain, isPlainData, member } from "../values/value-shape.ts";
import { whyNotData } from "../values/why-not-data.ts";
import { importedAs, isFromPackage, isNodesOwn, placeOfMany, scriptOf } from "./function-origin.ts";
import {
  addComputedKeys,
  addFunctionParts,
  type FunctionParts,
  inheritedLines,
  prototypeBinding,
} from "./function-parts.ts";
import { isOfOwnClass } from "./instances.ts";
import { addShape, boundLines, boundParts, WeakCollections } from "./object-slots.ts";
import { type ModulePart, mainPart, partCode, RequiredModules, requiredHere } from "./required-modules.ts";

/** Functions that were seen to use nothing but globals of the language: their scopes need not be read again. */
const selfContained = new WeakSet<object>();
const IMPORT_OBJECT = /^__vi(te_ssr)?_import_\d+__$/;
const COVERAGE_COUNTER = /^cov_[a-z0-9]+$/;

/** Collects everything that one function needs, as code, data, packages and modules. */
export class Capture {
  readonly unit = new UnitParts();
  readonly modules: RequiredModules;
  readonly #options: CaptureOptions;
  readonly #bindings = new Map<unknown, Binding>();
  readonly #packageBindings = new Map<string, Binding>();
  readonly #guarded = new Set<unknown>();
  readonly #data: DataWalk;
  readonly #weak = new WeakCollections();
  /** Objects that are sent whole, whatever is used of them. */
  readonly #wholes: ReadonlySet<object>;
  readonly #projected = new Set<object>();
  readonly #bind: Bind = (value, met) => this.#bindingOf(value, met);
  /** Who uses the data that is being walked. */
  #met: Met = { path: "", name: "", scriptId: undefined, installed: false };

  /**
   * @param modules those that are known to be required
   * @param wholes objects that are known to be used as a whole
   */
  constructor(
    options: CaptureOptions,
    modules: ReadonlySet<string> = new Set(),
    wholes: ReadonlySet<object> = new Set(),
  ) {
    this.#options = options;
    this.#wholes = wholes;
    this.modules = new RequiredModules(modules);
    this.#data = new DataWalk({
      takesInstances: options.ownClasses !== true,
      takeCode: (value, path) => this.#takeCode(value, path),
      allows: (name, path) => this.#allows(name, path),
      noteLock: (value, lock) => this.unit.locks.set(value, lock),
    });
  }

  /** Takes what can only be told at the end: which entries of weak collections go along. */
  settle(): void {
    const keyOf = (key: object) => {
      const known = this.#bindings.get(key) ?? (this.#data.has(key) ? this.unit.addValue(key) : undefined);
      return known && this.#remember(key, known);
    };
    this.#weak.settle(keyOf, this.#bind);
  }

  /** Objects of which one function was given some members, and another the whole: both have to see the same object. */
  takenApart(): object[] {
    return [...this.#projected].filter((value) => this.#bindings.has(value) || this.#data.has(value));
  }

  /**
   * Takes the function that is shipped.
   *
   * @param fromPackage whether it may be a package's own export; V8 is asked for its file then
   * @throws CaptureError naming what cannot be sent
   */
  root(fn: object, name: string, fromPackage = false): Binding {
    const met: Met = { path: name, name, scriptId: undefined, installed: false };
    if (guardOf(fn)) return this.#guardedFunction(fn, met, (inner) => this.root(inner, name, fromPackage));
    const known = this.#foreign(fn, met);
    if (known) return this.#remember(fn, known);
    const script = fromPackage ? scriptOf(fn) : undefined;
    const exported = script === undefined ? undefined : packageFunction(fn, script);
    if (exported) return this.#packageBinding(exported, met);
    const bound = boundParts(fn);
    if (bound) return this.#boundBinding(fn, bound, met);
    const source = shippableSource(fn, name);
    // Its names tell at once; to ask V8 for its file would cost the first call of every client a tenth of a second.
    if ([...source.free.names.keys()].some((used) => PRIMORDIAL.test(used)) && isNodesOwn(fn, met))
      throw new CaptureError(name, NODES_OWN);
    if (source.isClass)
      throw new CaptureError(name, "is a class: pass a function that makes an instance, and gives back data");
    this.#met = met;
    return this.#functionSlot(fn, met);
  }

  /**
   * Takes a class, or another function that is not the one to be run.
   *
   * @throws CaptureError naming what cannot be sent
   */
  part(fn: object, path: string): Binding {
    const met: Met = { path, name: (fn as { name: string }).name, scriptId: undefined, installed: false };
    this.#met = met;
    return this.#bind(fn, met);
  }

  /** The expression that gives this value on the engine. */
  #bindingOf(value: unknown, met: Met): Binding {
    const required = this.modules.importedAs(met);
    if (required) return this.#moduleBinding(required, met);
    const primitive = (typeof value !== "object" && typeof value !== "function") || value === null;
    if (primitive && typeof value !== "symbol") return this.#dataBinding(value, met);
    const known = this.#bindings.get(value) ?? this.#foreign(value, met);
    if (known) return this.#remember(value, known);
    if (guardOf(value)) return this.#guardedFunction(value, met, (inner) => this.#bind(inner, met));
    if (typeof value === "function") return this.#functionBinding(value, met);
    if (typeof value === "symbol") return this.#remember(value, this.#symbolBinding(value, met));
    return this.#objectBinding(value as object, met);
  }

  /** What the engine has of its own: fantail's exports, deployed functions, the language's objects, Node's modules. */
  #foreign(value: unknown, met: Met): Binding | undefined {
    const own = typeof value === "symbol" ? undefined : ownExportName(value as object);
    if (own !== undefined) {
      this.unit.note(met, "fantail", own);
      return { code: `${RUNTIME}.own(${JSON.stringify(own)})` };
    }
    if (isDeployedModule(value)) return this.#deployedModule(met);
    const deployed = deployedName(value);
    if (deployed !== undefined) {
      this.unit.deployed.add(deployed);
      this.unit.note(met, "deployed", deployed);
      return { code: `${RUNTIME}.deployed(${JSON.stringify(deployed)})` };
    }
    const registered = this.#options.ownClasses ? undefined : registrationOf(value);
    if (registered) {
      this.unit.note(met, "class", `registered ${registered.name}`);
      return { code: `${RUNTIME}.class(${JSON.stringify(registered.name)})` };
    }
    const intrinsic = intrinsicExpression(value);
    if (intrinsic !== undefined) {
      this.unit.note(met, "global", intrinsic);
      return { code: intrinsic };
    }
    const required = requiredHere(value);
    if (required) {
      this.modules.names.add(required.module);
      return this.#moduleBinding(required, met);
    }
    const place = builtinPlace(value);
    if (!place) return undefined;
    this.unit.note(met, "builtin", place.module + (place.member === undefined ? "" : ` ${place.member}`));
    return { code: this.unit.builtin(place.module) + (place.member === undefined ? "" : member(place.member)) };
  }

  /** All deployed functions, of which it must be seen which are used: engines load them with the function. */
  #deployedModule({ path, usage }: Met): Binding {
    if (!usage?.members)
      throw new CaptureError(
        path,
        "stands for all deployed functions: take those out of it that are used, as in const { resize } = deployed()",
      );
    for (const name of usage.members) this.unit.deployed.add(name);
    this.unit.captured.push({ path, kind: "deployed", what: [...usage.members].join(", ") });
    return { code: `${RUNTIME}.own("deployed")()` };
  }

  #functionBinding(fn: object, met: Met): Binding {
    const bound = boundParts(fn);
    if (bound) return this.#boundBinding(fn, bound, met);
    const source = shippableSource(fn, met.path);
    const closed = source.free.names.size === 0 && !source.heritage;
    if (!closed && isFromPackage(fn, met)) {
      const scriptId = scriptOf(fn);
      const found = (scriptId && packageFunction(fn, scriptId)) || importedAs(met);
      if (found) return this.#remember(fn, this.#packageBinding(found, met));
      return this.#functionSlot(fn, { ...met, installed: true });
    }
    if (!closed && isNodesOwn(fn, met)) throw new CaptureError(met.path, NODES_OWN);
    return this.#functionSlot(fn, { ...met, installed: false });
  }

  /**
   * A function with what is said of it by `requires` and `depend`: what it gives by name is seen by this function
   * alone, what it asks of engines is asked for the whole task.
   *
   * @param plain takes the function inside, where nothing is given to it
   */
  #guardedFunction(outer: unknown, met: Met, plain: (fn: object) => Binding): Binding {
    const { guards = [], fn } = guardsOf(outer) ?? { fn: outer as Guard["fn"] };
    const isNew = !this.#guarded.has(outer);
    this.#guarded.add(outer);
    for (const { modules } of guards)
      for (const module of modules) {
        if (isNew) this.unit.note(met, "module", module);
        this.modules.names.add(module);
      }
    const given = hasSource(fn) && deployedName(fn) === undefined && mayBeGiven(shippableSource(fn, met.path), guards);
    const binding = given ? this.#functionSlot(fn, met, { outer, guards }) : this.#remember(outer, plain(fn));
    if (!isNew) return binding;
    const modules = guards.flatMap((guard) => guard.modules);
    this.#stamp(
      binding,
      modules,
      guards.flatMap(({ predicate }) => predicate ?? []),
      met,
    );
    return binding;
  }

  /** Notes what is said of a function: for the task, and for what the task submits. */
  #stamp(fn: Binding, modules: readonly string[], predicates: readonly Predicate[], met: Met): void {
    const checks = predicates.map((predicate) => this.#check(predicate, met));
    this.unit.checks.push(...checks);
    // Only what this unit makes: what an engine has of its own is not one client's to speak of.
    if (fn.slot !== undefined && modules.length + checks.length > 0) this.unit.stamps.push({ fn, modules, checks });
  }

  #check({ fn, args }: Predicate, { path, scriptId, installed }: Met): CheckBinding {
    const at = `${path} → depend(${fn.name})`;
    const predicate = this.#bind(fn, { path: at, name: fn.name, scriptId, installed });
    const bound = args.map((arg, position) =>
      this.#bind(arg, { path: `${at}.args[${position}]`, name: "", scriptId, installed }),
    );
    return { predicate, args: bound };
  }

  /** What a guard gives for a free name; undefined where the surroundings tell what it is. */
  #given(name: string, guards: readonly Guard[], { values }: ScopeReading, met: Met): Binding | undefined {
    const given = givenFor(name, guards, values);
    if (given === undefined) return undefined;
    if (met.usage?.written) throw new CaptureError(met.path, WRITTEN);
    // What is given has not come by an import of the caller's.
    if ("value" in given)
      return this.#bind(given.value, { path: met.path, name, scriptId: met.scriptId, installed: false });
    const held = values.get(name);
    if (held !== undefined && isBuiltin(held, given.module)) return this.#bind(held, met);
    const imported = values.has(name) ? this.modules.importedAs(met) : undefined;
    return this.#moduleBinding(imported ?? mainPart(given.module), met);
  }

  #moduleBinding(part: ModulePart, met: Met): Binding {
    this.unit.note(met, "module", part.module + (/^[*=]$/.test(part.name) ? "" : ` ${part.name}`));
    return { code: partCode(part) };
  }

  /** @param guarded what the function is known by, and what may give it names, where it is guarded */
  #functionSlot(fn: object, met: Met, guarded: { outer: unknown; guards: readonly Guard[] } = NO_GUARDS(fn)): Binding {
    const { path } = met;
    const { outer, guards } = guarded;
    const written = shippableSource(fn, path);
    const kept = written.isClass ? keptStatics(fn, written) : new Set<number>();
    const source = written.keeping(kept);
    // A sloppy function, and no other, has this property of its own.
    const slot = this.unit.newSlot(source.anonymous ? givenName(fn) : "", source, !Object.hasOwn(fn, "caller"));
    const binding = this.#remember(outer, { code: slot.at, slot: slot.index });
    this.unit.note(met, source.isClass ? "class" : "function", givenName(fn), fn);
    const reading = this.#readNames(fn, source);
    slot.place = reading.place ?? (this.#options.capture ? placeOfMany(fn, source) : undefined);
    const scriptId = reading.place?.scriptId ?? met.scriptId;
    const inside: Met = { path, name: met.name, scriptId, installed: met.installed };
    refuseNameless(guards, reading.values, path);
    const addName = (name: string, usage: FreeName) => {
      const inner: Met = { ...inside, path: `${path} → ${name}`, name, local: { name }, usage };
      if (slot.index === 0 || source.evaluated.has(name)) inner.isSure = source.evaluated.has(name) || usage.certain;
      const found = this.#given(name, guards, reading, inner) ?? this.#freeName(name, usage, reading, inner);
      if (found) this.unit.addBinding(slot, name, found);
    };
    // First what its text needs when it is evaluated; all else may be made after it.
    if (source.heritage) this.#addParent(slot, fn, source.heritage, inside);
    for (const [name, usage] of source.free.names) if (source.evaluated.has(name)) addName(name, usage);
    const made = { source, kept, keys: computedKeys(fn, source) };
    addComputedKeys(slot, made, (name, key) =>
      this.unit.addBinding(slot, name, this.#bind(key, { ...inside, path: `${path}[${String(key)}]`, name: "" })),
    );
    this.unit.addSlot(slot);
    const prototype = this.#rememberPrototype(slot, fn, source);
    for (const [name, usage] of source.free.names) if (!source.evaluated.has(name)) addName(name, usage);
    for (const request of source.free.requests) this.#addRequest(slot, request, fn, met);
    const parts: FunctionParts = {
      ...{ ...made, fn, met: inside, prototype },
      isOwn: (method, code) => {
        const known = this.#bindings.get(method);
        if (!known) this.#remember(method, { code, slot: slot.index });
        return !known || known.code === code;
      },
    };
    slot.finish.push(...inheritedLines(slot, parts, this.#bind));
    addFunctionParts(slot, parts, this.#bind);
    const stamp = stampOf(fn);
    if (stamp) {
      for (const module of stamp.modules) this.modules.names.add(module);
      const predicates = stamp.checks.map(([predicate, args]) => ({ fn: predicate, args }));
      this.#stamp(binding, stamp.modules, predicates, met);
    }
    return binding;
  }

  /** The function's `prototype` as what the text makes of it; the binding it has where it came along by itself already. */
  #rememberPrototype(slot: Slot, fn: object, source: FunctionSource): Binding | undefined {
    const prototype = prototypeOf(fn, source);
    if (!prototype) return undefined;
    const known = this.#bindings.get(prototype);
    if (!known) this.#remember(prototype, { code: `${slot.at}.prototype`, slot: slot.index });
    return known;
  }

  /** A bound function, made of the same three parts. */
  #boundBinding(fn: object, { target, self, args }: NonNullable<ReturnType<typeof boundParts>>, met: Met): Binding {
    const { path, scriptId, installed } = met;
    const slot = this.unit.newSlot("");
    const binding = this.#remember(fn, { code: slot.at, slot: slot.index });
    const inner = (part: string): Met => ({ path: `${path} → ${part}`, name: part, scriptId, installed });
    const parts = [target, self, ...args].map((part, at) => {
      const name =
        at === 0 ? `bound ${(target as { name: unknown }).name}` : at === 1 ? "bound this" : `bound argument ${at - 1}`;
      return part === undefined ? "undefined" : this.#bind(part, inner(name)).code;
    });
    slot.make = `${RUNTIME}.bound(${parts.join(", ")})`;
    this.unit.addSlot(slot);
    this.unit.note(met, "function", givenName(fn), fn);
    slot.finish.push(...boundLines(slot, fn, inner("bound function"), this.#bind));
    return binding;
  }

  #readNames(fn: object, source: FunctionSource): ScopeReading {
    const names = [...source.free.names.keys()];
    const nothing: ScopeReading = { place: undefined, values: new Map(), uninitialised: new Set() };
    if (names.length === 0 || selfContained.has(fn) || !this.#options.capture || !canReadScopes()) return nothing;
    const reading = readScopes(fn, names);
    if (reading.values.size === 0 && reading.uninitialised.size === 0 && names.every(isEngineGlobal))
      selfContained.add(fn);
    return reading;
  }

  /** The binding of a free name; undefined where the engine's global of that name is meant. */
  #freeName(name: string, usage: FreeName, reading: ScopeReading, met: Met): Binding | undefined {
    if (COVERAGE_COUNTER.test(name)) return { code: `${RUNTIME}.inert` };
    if (name === "__vite_ssr_dynamic_import__") return { code: "((specifier) => import(specifier))" };
    if (name === RUNTIME) throw new CaptureError(met.path, LOADS_LATE);
    if (name === "arguments") throw new CaptureError(met.path, OUTER_ARGUMENTS);
    if (name === "__vite_ssr_import_meta__") throw new CaptureError(met.path, IMPORT_META);
    if (reading.uninitialised.has(name)) {
      throw new CaptureError(met.path, "is not initialised yet: submit after its declaration has run");
    }
    if (!reading.values.has(name)) return this.#outerName(name, usage, met);
    if (usage.written) throw new CaptureError(met.path, WRITTEN);
    const value = reading.values.get(name);
    if (name === "require" && typeof value === "function" && Object.hasOwn(value, "resolve")) {
      throw new CaptureError(met.path, "is called with a name that is not a literal, so what it loads cannot be sent");
    }
    return this.#bind(value, met);
  }

  #outerName(name: string, usage: FreeName, met: Met): Binding | undefined {
    if (isEngineGlobal(name)) return undefined;
    const global = Object.hasOwn(globalThis, name);
    const readable = this.#options.capture && canReadScopes();
    if (usage.written && (global || readable)) throw new CaptureError(met.path, WRITTEN);
    if (global && readable) return this.#bind((globalThis as Record<string, unknown>)[name], met);
    if (usage.typeofAsked) return undefined;
    // Nobody has it here either, so it stays as free on the engine. Only the function's author can have meant it, if a call is sure to meet it.
    if (readable && !met.isSure) return undefined;
    if (!this.#options.capture) {
      throw new CaptureError(met.path, `is not declared in the function, and capture is off: pass it as an argument`);
    }
    if (!canReadScopes()) {
      throw new CaptureError(met.path, "cannot be read, as this runtime has no inspector: pass it as an argument");
    }
    throw new CaptureError(met.path, "is not defined where the function stands: declare it, or pass it as an argument");
  }

  #objectBinding(value: object, met: Met): Binding {
    if (types.isProxy(value) && !isPlain(value)) throw new CaptureError(met.path, PROXY);
    const imports = isNamespace(value) || IMPORT_OBJECT.test(met.name);
    const { members, methodCalls } = met.usage ?? { members: undefined, methodCalls: true };
    if (imports || (members && !methodCalls && this.#canBeTakenApart(value, members))) {
      if (members) return this.#membersBinding(value, [...members], met);
      return this.#namespaceBinding(value, met);
    }
    const found = this.#packageObject(value, met);
    if (found) return this.#remember(value, this.#packageBinding(found, met));
    return this.#codeObject(value, met) ?? this.#dataBinding(value, met);
  }

  #canBeTakenApart(value: object, members: ReadonlySet<string>): boolean {
    if (!isPlain(value) || this.#wholes.has(value)) return false;
    const isPart = [...members].every((name) => !Object.getOwnPropertyDescriptor(value, name)?.get);
    if (isPart) this.#projected.add(value);
    return isPart;
  }

  /** An object that the unit makes; undefined for what is data. */
  #codeObject(value: object, met: Met): Binding | undefined {
    if (types.isWeakMap(value) || types.isWeakSet(value)) return this.#weakBinding(value, met);
    const made: unknown = Object.getOwnPropertyDescriptor(value, "constructor")?.value;
    if (typeof made === "function" && hasSource(made) && (made as { prototype?: unknown }).prototype === value)
      return prototypeBinding(value, { ...met, instances: false }, this.#bind);
    const shape =
      objectShape(value) ??
      (met.instances && isOfOwnClass(value, met.installed ? undefined : met.scriptId)
        ? instanceShape(value)
        : undefined);
    if (!shape) return undefined;
    const slot = this.unit.newSlot("");
    const binding = this.#remember(value, { code: slot.at, slot: slot.index });
    const inner: Met = { ...met };
    delete inner.local;
    delete inner.usage;
    if (shape.bare) slot.make = this.#dataBinding(shape.bare, inner).code;
    this.unit.addSlot(slot);
    this.unit.note(met, "object", describeData(value), value);
    addShape(slot, value, shape, inner, this.#bind);
    return binding;
  }

  #weakBinding(value: object, met: Met): Binding {
    if (!canReadScopes()) throw new CaptureError(met.path, whyNotData(value));
    const slot = this.unit.newSlot("");
    slot.make = types.isWeakMap(value) ? "new WeakMap()" : "new WeakSet()";
    this.unit.addSlot(slot);
    this.unit.note(met, "object", describeData(value), value);
    const { path, name, scriptId, installed } = met;
    this.#weak.add(value, slot, { path, name, scriptId, installed });
    return this.#remember(value, { code: slot.at, slot: slot.index });
  }

  /** An object that a package exports, where sending it as data would lose something. */
  #packageObject(value: object, met: Met): PackageImport | undefined {
    const { scriptId } = met;
    if (!met.local || scriptId === undefined || isPlainData(value, (fn) => scriptOf(fn) === scriptId)) return undefined;
    return commonJsExport(value) ?? importedAs(met);
  }

  #namespaceBinding(value: object, met: Met): Binding {
    const builtin = builtinNamespace(value);
    if (builtin !== undefined) {
      this.unit.note(met, "builtin", builtin);
      return this.#remember(value, { code: `${RUNTIME}.namespace(${this.unit.builtin(builtin)})` });
    }
    const found = importedAs(met);
    if (found) return this.#remember(value, this.#packageBinding(found, met));
    return this.#remember(value, this.#membersBinding(value, Object.keys(value), met));
  }

  /** An object with only those members, each taken by itself: what the function does not use is not sent. */
  #membersBinding(value: object, members: string[], met: Met): Binding {
    const slot = this.unit.newSlot(met.name);
    // What vite made of an import is told as the import that was written.
    const written = IMPORT_OBJECT.test(met.name) ? met.path.slice(0, -met.name.length) : undefined;
    if (written === undefined) this.unit.note(met, "namespace", members.join(", "));
    for (const name of members) {
      const path = written === undefined ? met.path + member(name) : written + name;
      const local = met.local ? { local: { name: met.local.name, member: name } } : {};
      const inner: Met = { path, name, scriptId: met.scriptId, installed: met.installed, ...local };
      this.unit.addBinding(slot, name, this.#bind(readMember(value, name, path), inner));
    }
    this.unit.addSlot(slot);
    return { code: slot.at, slot: slot.index };
  }

  #dataBinding(value: unknown, met: Met): Binding {
    const outer = this.#met;
    this.#met = met;
    this.#data.visit(value, met.name, met.path);
    this.#met = outer;
    const binding = this.unit.addValue(value);
    this.unit.note(met, "data", describeData(value), value);
    if (typeof value === "object" && value !== null) this.#remember(value, binding);
    return binding;
  }

  #symbolBinding(value: symbol, met: Met): Binding {
    this.unit.note(met, "symbol", String(value));
    return { code: this.unit.symbol(value) };
  }

  #packageBinding(found: PackageImport, met: Met): Binding {
    const required = this.modules.partOf(found);
    if (required) return this.#moduleBinding(required, met);
    const key = JSON.stringify(found);
    const known = this.#packageBindings.get(key);
    if (known) return known;
    const binding = { code: `${RUNTIME}.packages[${this.unit.packages.length}]` };
    this.unit.packages.push(found);
    this.#packageBindings.set(key, binding);
    this.unit.note(met, "package", `${found.from} ${found.member ?? found.name}`);
    return binding;
  }

  #addRequest(slot: Slot, request: ModuleRequest, fn: object, met: Met): void {
    const { specifier, kind, start, end } = request;
    if (isBuiltinModule(specifier)) {
      this.unit.builtins.add(specifier);
      const loaded = kind === "require" ? this.unit.builtin(specifier) : `import(${JSON.stringify(specifier)})`;
      slot.edits.push({ start, end, code: loaded });
      return;
    }
    const path = `${met.path} → ${kind}(${JSON.stringify(specifier)})`;
    const found = packageRequest(scriptOf(fn), specifier);
    if (!found) throw new CaptureError(path, "loads a local module when it runs: import it at the top of the file");
    const { code } = this.#packageBinding(kind === "require" ? { ...found, name: "=" } : found, { ...met, path });
    slot.edits.push({ start, end, code: kind === "require" ? code : `Promise.resolve(${code})` });
  }

  /** What a class extends is kept in no scope, but the class knows it. */
  #addParent(slot: Slot, fn: object, heritage: { start: number; end: number }, met: Met): void {
    const inner = { ...met, path: `${met.path} → extends`, name: "extends" };
    this.unit.addBinding(slot, PARENT, this.#bind(Object.getPrototypeOf(fn), inner));
    slot.edits.push({ ...heritage, code: PARENT });
  }

  /** Code met inside data: a function in a table, a class, `Math`. */
  #takeCode(value: unknown, path: string): boolean {
    if (this.unit.stands.has(value)) return true;
    const { scriptId, installed, instances = false } = this.#met;
    const met: Met = { path, name: path, scriptId, installed, instances };
    const code = typeof value !== "object" || value === null || isNamespace(value);
    const known =
      this.#bindings.get(value) ??
      (code ? this.#bind(value, met) : (this.#foreign(value, met) ?? this.#codeObject(value, met)));
    if (!known) return false;
    this.unit.stands.set(value, known);
    return true;
  }

  #allows(name: string, path: string): boolean {
    const variable = path.slice(path.lastIndexOf(" ") + 1);
    return this.#options.allowSecrets.some((allowed) => allowed === name || allowed === variable || allowed === path);
  }

  #remember(value: unknown, binding: Binding): Binding {
    this.#bindings.set(value, binding);
    return binding;
  }
}

type Predicate = NonNullable<Guard["predicate"]>;

/** As Node's own code calls what the language gives it. */
const PRIMORDIAL = /^(Array|Function|Object|Promise|Reflect|Safe|String)(Prototype)?[A-Z]/;
const NODES_OWN =
  "is a function that Node made, whose surroundings are Node's own: make it inside your function, as in promisify(readFile)";
const WRITTEN = "is assigned to, and the engine has a copy: return the value, and reduce the results";
const LOADS_LATE =
  "stands for a package that the function loads when it runs, which cannot be sent on from an engine: submit it from the script";
const OUTER_ARGUMENTS =
  "belongs to the function around it: put it into a const outside, as in const args = [...arguments]";

const NO_GUARDS = (outer: object) => ({ outer, guards: [] });

function readMember(value: object, name: string, path: string): unknown {
  try {
    return (value as Record<string, unknown>)[name];
  } catch (cause) {
    throw new CaptureError(path, "cannot be read yet: submit after its module has run", { cause });
  }
}
