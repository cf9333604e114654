/**
 * A value of this process by its symbol, made when first asked for. All copies of fantail in the process share it, built or
 * from source, bundled together or separately.
 */
export function processWide<T extends object>(key: symbol, make: () => T): T {
  // Typed by trust: only such a call with the same symbol can have put it there, perhaps in another copy.
  const known: T | undefined = Reflect.get(process, key);
  if (known !== undefined) return known;
  const made = make();
  Object.defineProperty(process, key, { value: made });
  return made;
}
