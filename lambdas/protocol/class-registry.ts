/** What the codec knows of a class whose instances travel. */
export interface RegisteredClass {
  /** Stands for the class on the wire. */
  name: string;
  made: RegistrableClass;
  /** Absent: the instance's own fields. */
  serialize?: ((instance: object) => unknown) | undefined;
  /** Absent: an instance with those fields, made without its constructor. */
  deserialize?: ((data: unknown) => object) | undefined;
}

/** A class, also one whose constructor is private. */
// biome-ignore lint/complexity/noBannedTypes: the constructor's own type would keep private ones out
export type RegistrableClass = Function & { prototype: object };

export type ClassLookup = (name: string) => RegisteredClass | undefined;

interface Registry {
  byName: Map<string, RegisteredClass>;
  byPrototype: WeakMap<object, RegisteredClass>;
  /** Claims that some class was ever recognised. */
  hasAny: boolean;
  /** Registrations so far. */
  additions: number;
  /** Classes that count for the task that runs, before those of the thread. */
  scope?: ClassLookup | undefined;
}

const REGISTRY = Symbol.for("fantail.classes");

/** The thread's, so that copies of fantail that were bundled apart share it. */
function registry(): Registry {
  const known: Registry | undefined = Reflect.get(globalThis, REGISTRY);
  if (known) return known;
  const made: Registry = { byName: new Map(), byPrototype: new WeakMap(), hasAny: false, additions: 0 };
  Reflect.set(globalThis, REGISTRY, made);
  return made;
}

/** Makes a class known by its name, and its instances by their prototype. */
export function addClass(registered: RegisteredClass): void {
  const known = registry();
  known.byName.set(registered.name, registered);
  known.additions++;
  recogniseClass(registered);
}

/** Makes instances of a class known: another one may have its name here. */
export function recogniseClass(registered: RegisteredClass): void {
  const known = registry();
  known.byPrototype.set(registered.made.prototype, registered);
  known.hasAny = true;
}

/** Says which classes count for the task that runs. */
export function scopeClasses(scope: ClassLookup): void {
  registry().scope = scope;
}

export function classNamed(name: string): RegisteredClass | undefined {
  const { scope, byName } = registry();
  return scope?.(name) ?? byName.get(name);
}

/** Claims that instances may be met. */
export function hasClasses(): boolean {
  return registry().hasAny;
}

/** All that are known by name here, in the order of their registration. */
export function registeredClasses(): RegisteredClass[] {
  return [...registry().byName.values()];
}

/** Grows with each registration, one that replaces another included. */
export function registrations(): number {
  return registry().additions;
}

/** The class of an instance: exactly its own, as another would come back as less than it is. */
export function classOf(instance: object): RegisteredClass | undefined {
  const prototype: unknown = Object.getPrototypeOf(instance);
  return typeof prototype === "object" && prototype !== null ? registry().byPrototype.get(prototype) : undefined;
}

/** What is known of this very class. */
export function registrationOf(made: unknown): RegisteredClass | undefined {
  if (typeof made !== "function") return undefined;
  const prototype: unknown = made.prototype;
  if (typeof prototype !== "object" || prototype === null) return undefined;
  const registered = registry().byPrototype.get(prototype);
  return registered?.made === made ? registered : undefined;
}
