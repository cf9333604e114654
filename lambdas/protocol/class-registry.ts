/** A class whose instances the codec encodes. */
export interface RegisteredClass {
  /** Identifies the class on the wire. */
  name: string;
  made: RegistrableClass;
  /** Returns the data to encode. Absent: the instance's own fields are encoded. */
  serialize?: ((instance: object) => unknown) | undefined;
  /**
   * Makes an instance from the data. Absent: an instance with the encoded fields is created without calling its
   * constructor.
   */
  deserialize?: ((data: unknown) => object) | undefined;
}

/** A class, including one with a private constructor. */
// biome-ignore lint/complexity/noBannedTypes: the constructor's own type would keep private ones out
export type RegistrableClass = Function & { prototype: object };

export type ClassLookup = (name: string) => RegisteredClass | undefined;

interface Registry {
  byName: Map<string, RegisteredClass>;
  byPrototype: WeakMap<object, RegisteredClass>;
  /** Whether any class was ever registered or recognized. */
  hasAny: boolean;
  /** Number of registrations so far. */
  additions: number;
  /** Classes of the running task, which take precedence over those of the thread. */
  scope?: ClassLookup | undefined;
}

const REGISTRY = Symbol.for("fantail.classes");

/** The thread's registry, shared by copies of fantail that were bundled separately. */
function registry(): Registry {
  const known: Registry | undefined = Reflect.get(globalThis, REGISTRY);
  if (known) return known;
  const made: Registry = { byName: new Map(), byPrototype: new WeakMap(), hasAny: false, additions: 0 };
  Reflect.set(globalThis, REGISTRY, made);
  return made;
}

/** Registers a class by name, so that its instances can be encoded and decoded. */
export function addClass(registered: RegisteredClass): void {
  const known = registry();
  known.byName.set(registered.name, registered);
  known.additions++;
  recognizeClass(registered);
}

/** Lets instances of a class be encoded without registering its name, because another class may have this name here. */
export function recognizeClass(registered: RegisteredClass): void {
  const known = registry();
  known.byPrototype.set(registered.made.prototype, registered);
  known.hasAny = true;
}

/** Sets the classes of the running task. */
export function scopeClasses(scope: ClassLookup): void {
  registry().scope = scope;
}

/** The class of this name; those of the running task take precedence. */
export function classNamed(name: string): RegisteredClass | undefined {
  const { scope, byName } = registry();
  return scope?.(name) ?? byName.get(name);
}

/** Whether any class was ever registered or recognized, so that values may contain instances to encode. */
export function hasClasses(): boolean {
  return registry().hasAny;
}

/** All classes registered by name, in order of registration. */
export function registeredClasses(): RegisteredClass[] {
  return [...registry().byName.values()];
}

/** The number of registrations so far, including those that replaced another. */
export function registrations(): number {
  return registry().additions;
}

/**
 * The registered class of an instance. A registered parent class does not count: encoded as an instance of the parent,
 * the value would lose what the subclass adds.
 */
export function classOf(instance: object): RegisteredClass | undefined {
  const prototype: unknown = Object.getPrototypeOf(instance);
  return typeof prototype === "object" && prototype !== null ? registry().byPrototype.get(prototype) : undefined;
}

/** The registration of exactly this class. */
export function registrationOf(made: unknown): RegisteredClass | undefined {
  if (typeof made !== "function") return undefined;
  const prototype: unknown = made.prototype;
  if (typeof prototype !== "object" || prototype === null) return undefined;
  const registered = registry().byPrototype.get(prototype);
  return registered?.made === made ? registered : undefined;
}
