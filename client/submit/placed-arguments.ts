import type { EncodedValue } from "../../lambdas/protocol/function-reference.ts";
import type { TaskArguments } from "../../lambdas/protocol/spec-page.ts";
import { isStored, type StoredValue } from "../../lambdas/protocol/stored-value.ts";

/** Whether a part of the arguments will be uploaded. The location of that part is known only when the job is complete. */
export function hasDrafts(args: TaskArguments): boolean {
  if (typeof args === "string") return false;
  if (isStored(args)) return true;
  return args.some((arg) => typeof arg === "object" && (isStored(arg) || ("value" in arg && isUploaded(arg.value))));
}

/** The arguments, with drafted values replaced by the locations of their values. */
export function placedArguments(args: TaskArguments, locations: ReadonlyMap<string, EncodedValue>): TaskArguments {
  if (typeof args === "string") return args;
  const placed = (value: EncodedValue): EncodedValue =>
    isUploaded(value) && "blob" in value ? (locations.get(value.blob) ?? value) : value;
  if (isStored(args)) return placed(args);
  return args.map((arg) => {
    if (typeof arg === "string" || isStored(arg)) return placed(arg);
    return "value" in arg ? { ...arg, value: placed(arg.value) } : arg;
  });
}

function isUploaded(value: EncodedValue): value is StoredValue {
  return typeof value !== "string";
}
