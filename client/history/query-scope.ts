import { InvalidQuery } from "../../lambdas/protocol/errors.ts";
import { isJobId, parseTaskId } from "../../lambdas/protocol/task-id.ts";
import { checkedId } from "../flags/checked-id.ts";
import type { Condition } from "./query-match.ts";

const DAY_MS = 86_400_000;

/** Where to search for records: in named jobs, or in the jobs submitted in a period, in epoch milliseconds. */
export type QueryScope = { jobs: Map<string, number[] | "all"> } | { from: number; to: number };

/**
 * Determines where to search for a query's records.
 *
 * If the query names a `jobId` or `taskId`, the scope is the named jobs, otherwise the period given for `submitted`.
 * Default period: the last day, or the last `searchDays` days if the query names a `label`.
 *
 * @throws InvalidId for a malformed `jobId` or `taskId`; InvalidQuery for a `submitted` without a start, which would
 *   mean reading the whole table
 */
export function queryScope(conditions: readonly Condition[], now: number, searchDays: number): QueryScope {
  for (const key of ["taskId", "jobId"]) {
    const values = named(conditions, key);
    if (values) return { jobs: placesOf(values) };
  }
  const times = conditions.filter(({ key }) => key === "submitted");
  const from = bound(times, ["$gt", "$gte"], Math.max);
  const to = bound(times, ["$lt", "$lte"], Math.min) ?? now + DAY_MS;
  if (from !== undefined) return { from, to };
  const exact = named(times, "submitted")?.map((value) => timeOf(value));
  if (exact) return { from: Math.min(...exact), to: Math.max(...exact) };
  if (named(conditions, "label")) return { from: now - searchDays * DAY_MS, to };
  if (times.length > 0)
    throw new InvalidQuery("submitted: requires a start ($gt or $gte), unless jobId, taskId or label names the jobs");
  return { from: now - DAY_MS, to };
}

/** The values to which the query limits a key, by `$eq` or `$in`; undefined if it does not. */
function named(conditions: readonly Condition[], key: string): readonly unknown[] | undefined {
  for (const { key: other, operator, operand } of conditions) {
    if (other !== key) continue;
    if (operator === "$eq" && operand !== null) return [operand];
    if (operator === "$in" && Array.isArray(operand)) return operand;
  }
  return undefined;
}

function placesOf(values: readonly unknown[]): Map<string, number[] | "all"> {
  const places = new Map<string, number[] | "all">();
  for (const value of values) {
    const id = checkedId(value);
    if (isJobId(id)) {
      places.set(id, "all");
      continue;
    }
    const { job, index } = parseTaskId(id);
    const known = places.get(job);
    if (known !== "all") places.set(job, [...(known ?? []), index]);
  }
  return places;
}

function bound(
  conditions: readonly Condition[],
  operators: readonly string[],
  pick: (...times: number[]) => number,
): number | undefined {
  const times = conditions.filter(({ operator }) => operators.includes(operator)).map(({ operand }) => timeOf(operand));
  return times.length === 0 ? undefined : pick(...times);
}

function timeOf(value: unknown): number {
  const time = value instanceof Date ? value.getTime() : value;
  if (typeof time !== "number" || !Number.isFinite(time))
    throw new InvalidQuery(`submitted: must be a valid date or epoch milliseconds, not ${value}`);
  return time;
}
