import { addClass, classNamed, type RegistrableClass, registrationOf } from "../protocol/class-registry.ts";
import { InvalidArgument } from "../protocol/invalid-argument.ts";

/**
 * Options of `registerClass`: how instances of the class are encoded.
 *
 * @example
 * registerClass(Money, { serialize: ({ cents }) => cents, deserialize: (cents: number) => new Money(cents) });
 */
export interface ClassOptions<T extends object, Data> {
  /**
   * The class's name in encoded values, so it must be the same in every process. Default: the class's own name, which
   * minifiers change.
   */
  name?: string | undefined;
  /**
   * Returns the data of an instance: anything that can be an argument, including other instances. Default: its own
   * fields.
   */
  serialize?: ((instance: T) => Data) | undefined;
  /** Makes an instance from the data. Default: sets the fields on a new instance, without calling the constructor. */
  deserialize?: ((data: Data) => T) | undefined;
}

/** Built-in classes whose instances hold data that is not in fields. */
const WITH_SLOTS = new Set(
  "Array Map Set WeakMap WeakSet WeakRef Date RegExp Promise ArrayBuffer TypedArray DataView Buffer Function".split(
    " ",
  ),
);

/**
 * Lets instances of a class be arguments, results and captured values, at any depth and in cycles. They keep their
 * class wherever it is registered, and an instance that occurs twice remains a single instance. Engines get the class
 * along with functions that are sent, as it was when the first of these was sent. Deployed functions must register it
 * in their own module, and so must each process that reads results.
 *
 * Register each subclass separately. An instance made by `deserialize` cannot be part of a cycle.
 *
 * @returns the class
 * @throws TypeError if it is not a class, has no name or the name of another class, or has state that cannot be read
 *   (`#private` fields, a Map) and no `serialize` and `deserialize`
 * @example
 * class Point { constructor(readonly x: number, readonly y: number) {} norm() { return Math.hypot(this.x, this.y); } }
 * registerClass(Point);
 * await view.apply((point: Point) => point.norm(), new Point(3, 4));
 */
export function registerClass<T extends object, Data, C extends RegistrableClass & { prototype: T }>(
  made: C & { prototype: T },
  options: ClassOptions<T, Data> = {},
): C {
  if (typeof made !== "function" || typeof made.prototype !== "object" || made.prototype === null)
    throw new InvalidArgument("registerClass: the argument must be a class");
  const { name = made.name, serialize, deserialize } = options;
  if (typeof name !== "string" || name === "")
    throw new InvalidArgument("registerClass: the class has no name: pass { name }");
  if ((serialize === undefined) !== (deserialize === undefined))
    throw new InvalidArgument(`registerClass: ${name} needs both serialize and deserialize, or neither`);
  const known = classNamed(name);
  if (known && known.made !== made)
    throw new InvalidArgument(`registerClass: another class is registered as ${name}: pass { name } for one of them`);
  const other = registrationOf(made);
  if (other && other.name !== name)
    throw new InvalidArgument(`registerClass: the class is already registered as ${other.name}: use that name`);
  if (serialize === undefined) refuseHidden(name, made);
  addClass({
    name,
    made,
    // The codec calls `serialize` only with instances of the class, and `deserialize` only with results of `serialize`.
    serialize: serialize as ((instance: object) => unknown) | undefined,
    deserialize: deserialize as ((data: unknown) => object) | undefined,
  });
  return made;
}

/** @throws TypeError if instances of the class hold more than readable fields */
function refuseHidden(name: string, made: RegistrableClass): void {
  const remedy = "pass serialize and deserialize";
  for (let at: unknown = made; typeof at === "function" && at !== Function.prototype; at = Object.getPrototypeOf(at)) {
    const source = String(at);
    if (source.endsWith("{ [native code] }") && WITH_SLOTS.has(at.name))
      throw new InvalidArgument(
        `registerClass: ${name} extends ${at.name}, whose content is not stored in fields: ${remedy}`,
      );
    const [, field] = /\.(#[\p{ID_Start}$_][\p{ID_Continue}$]*)/u.exec(withoutText(source)) ?? [];
    if (field !== undefined)
      throw new InvalidArgument(
        `registerClass: ${name} has the private field ${field}, which cannot be read: ${remedy}`,
      );
  }
}

/** Returns source text without its comments and strings. */
function withoutText(source: string): string {
  return source.replace(/\/\/.*|\/\*[\s\S]*?\*\/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'/g, "");
}

/** The type of `registerClass`'s options. */
export declare namespace registerClass {
  export type { ClassOptions as Options };
}
