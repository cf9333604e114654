/**
 * Returns the process's value for a symbol; the value is created on first use. All copies of fantail in the process
 * share it, whether built or from source, and however they are bundled.
 */
export function processWide<T extends object>(key: symbol, make: () => T): T {
  // The type is trusted: only a call of this function with the same symbol can have set it, perhaps in another copy.
  const known: T | undefined = Reflect.get(process, key);
  if (known !== undefined) return known;
  const made = make();
  Object.defineProperty(process, key, { value: made });
  return made;
}
