const REGISTRY = Symbol.for("fantail.ownExports");

/**
 * Makes fantail's exports known by identity: where a shipped function holds one of them, however it was
 * imported, the engine binds its own copy of the same name.
 *
 * The registry is the process's, so that two copies of fantail (built and from source) both count.
 */
export function registerOwnExports(exports: Readonly<Record<string, unknown>>): void {
  const known = registry();
  for (const [name, value] of Object.entries(exports)) {
    if ((typeof value === "object" && value !== null) || typeof value === "function") known.set(value, name);
  }
}

/** The name under which fantail exports the value; undefined when it does not. */
export function ownExportName(value: object): string | undefined {
  return registry().get(value);
}

function registry(): WeakMap<object, string> {
  const holder = process as unknown as Record<symbol, WeakMap<object, string> | undefined>;
  const known = holder[REGISTRY] ?? new WeakMap<object, string>();
  if (!holder[REGISTRY]) Object.defineProperty(process, REGISTRY, { value: known });
  return known;
}
