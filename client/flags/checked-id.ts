import { InvalidId } from "../../lambdas/protocol/errors.ts";
import { isJobId, isTaskId } from "../../lambdas/protocol/task-id.ts";
import { isIterable } from "./iterables.ts";

/**
 * A task's or a job's id, whatever was given for one: each call that takes ids refuses what is none by the same error.
 *
 * @throws InvalidId for a text that is no id, and for what is no text
 */
export function checkedId(id: unknown): string {
  if (typeof id === "string" && (isJobId(id) || isTaskId(id))) return id;
  throw new InvalidId(typeof id === "string" ? id : kindOf(id));
}

/**
 * A task's id.
 *
 * @throws InvalidId as `checkedId`, and for a job's id
 */
export function checkedTaskId(id: unknown): string {
  if (typeof id === "string" && isTaskId(id)) return id;
  throw new InvalidId(typeof id === "string" ? id : kindOf(id));
}

/**
 * A list of what may be ids.
 *
 * @throws InvalidId for what is neither a text nor a list
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
