import type { StoredValue } from "../lambdas/protocol/stored-value.ts";

/** Returns the bytes of a stored value, given the objects of a bucket by name. */
export function storedBytes(value: StoredValue, objects: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const object = objects.get("blob" in value ? value.blob : value.pack);
  if (object === undefined) throw new Error(`there is no object for ${JSON.stringify(value)}`);
  return "blob" in value ? object : object.slice(value.at, value.at + value.bytes);
}
