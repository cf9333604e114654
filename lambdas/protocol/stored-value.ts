import type { EncodedValue } from "./function-reference.ts";

/** An encoded value that is kept in the blob store: a blob of its own, or a part of a pack. */
export type StoredValue = Exclude<EncodedValue, string>;

/** Whether part of a task's arguments is a value in the blob store. */
export function isStored(part: object): part is StoredValue {
  return "blob" in part || "pack" in part;
}

/** Identifies a stored value by its content. Equal values in different S3 objects have equal keys. */
export function storedKey(value: StoredValue): string {
  return "blob" in value ? value.blob : value.sum;
}
