/**
 * A value of this process by its symbol, created on first use. All copies of fantail in the process share it, whether
 * built or from source, bundled together or separately.
 */
export function processWide<T extends object>(key: symbol, make: () => T): T {
  // The type is trusted: only such a call with the same symbol can have put it there, perhaps in another copy.
  const known: T | undefined = Reflect.get(process, key);
  if (known !== undefined) return known;
  const made = make();
  Object.defineProperty(process, key, { value: made });
  return made;
}
