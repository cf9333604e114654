import { types } from "node:util";

const REGISTRY = Symbol.for("fantail.ownExports");

/**
 * Registers fantail's exports by identity. If a shipped function holds one of them, however it was imported, the engine
 * binds its own copy of the same name.
 *
 * The registry belongs to the process, so that it covers two copies of fantail (built and from source).
 */
export function registerOwnExports(exports: Readonly<Record<string, unknown>>): void {
  const known = registry();
  for (const [name, value] of Object.entries(exports)) {
    if ((typeof value === "object" && value !== null) || typeof value === "function") known.set(value, name);
  }
}

/** Returns the name under which fantail exports the value; undefined if it does not. */
export function ownExportName(value: object): string | undefined {
  const name = registry().get(value);
  return typeof name === "string" ? name : undefined;
}

function registry(): WeakMap<object, unknown> {
  const known: unknown = Reflect.get(process, REGISTRY);
  if (types.isWeakMap(known)) return known;
  const made = new WeakMap<object, string>();
  Object.defineProperty(process, REGISTRY, { value: made });
  return made;
}
