/**
 * A value of this process by its symbol, made when it is first asked for: every copy of fantail in the process shares it, built or
 * from source, bundled together or apart.
 */
export function processWide<T extends object>(key: symbol, make: () => T): T {
  // What is there was made by such a call with the same symbol, perhaps by another copy: nothing tells its type.
  const known: T | undefined = Reflect.get(process, key);
  if (known !== undefined) return known;
  const made = make();
  Object.defineProperty(process, key, { value: made });
  return made;
}
