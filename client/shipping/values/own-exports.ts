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
  return registry().get(value);
}

function registry(): WeakMap<object, string> {
  const holder = process as unknown as Record<symbol, WeakMap<object, string> | undefined>;
  const known = holder[REGISTRY] ?? new WeakMap<object, string>();
  if (!holder[REGISTRY]) Object.defineProperty(process, REGISTRY, { value: known });
  return known;
}
