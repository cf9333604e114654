import type { EncodedValue } from "./function-reference.ts";
import { type EncodedError, ERROR_CODES } from "./outcome-page.ts";
import { isRecord } from "./record.ts";
import { isCount, isTextOrAbsent } from "./row-body.ts";

const CODES: ReadonlySet<unknown> = new Set(ERROR_CODES);

/** Whether a stored value is an encoded error. */
export function isEncodedError(error: unknown): error is EncodedError {
  if (!isRecord(error)) return false;
  const { code, ename, evalue, traceback, thrown, dependency, reason, memory, module } = error;
  return (
    CODES.has(code) &&
    typeof ename === "string" &&
    typeof evalue === "string" &&
    isTextOrAbsent(traceback) &&
    (thrown === undefined || isEncodedValue(thrown)) &&
    isTextOrAbsent(dependency) &&
    isTextOrAbsent(reason) &&
    (memory === undefined || typeof memory === "boolean") &&
    isTextOrAbsent(module)
  );
}

/** Whether a stored value is an encoded value. */
export function isEncodedValue(value: unknown): value is EncodedValue {
  if (typeof value === "string") return true;
  if (!isRecord(value) || typeof value.bytes !== "number") return false;
  const { blob, pack, at, sum } = value;
  return typeof blob === "string" || (typeof pack === "string" && isCount(at) && typeof sum === "string");
}
