import { InvalidId } from "../../lambdas/protocol/errors.ts";
import { isJobId, isTaskId } from "../../lambdas/protocol/task-id.ts";
import { isIterable } from "./iterables.ts";

/**
 * Checks a task's or a job's id and returns it. Every call that takes ids uses this check, so all report a bad id
 * alike.
 *
 * @throws InvalidId for anything but an id
 */
export function checkedId(id: unknown): string {
  if (typeof id === "string" && (isJobId(id) || isTaskId(id))) return id;
  throw typeof id === "string" ? new InvalidId(id) : InvalidId.ofKind(kindOf(id));
}

/**
 * Checks a task's id and returns it.
 *
 * @throws InvalidId for anything but a task's id, even for a job's id
 */
export function checkedTaskId(id: unknown): string {
  if (typeof id === "string" && isTaskId(id)) return id;
  throw typeof id === "string" ? new InvalidId(id) : InvalidId.ofKind(kindOf(id));
}

/**
 * Returns ids as a list, without checking each of them.
 *
 * @throws InvalidId for anything but a string or an iterable
 */
export function idList(ids: unknown): readonly unknown[] {
  if (typeof ids === "string") return [ids];
  if (typeof ids === "object" && isIterable(ids)) return [...ids];
  throw new InvalidId(kindOf(ids));
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  const name = typeof value === "object" ? value.constructor?.name : undefined;
  return name ? `[${name}]` : `[${typeof value}]`;
}
