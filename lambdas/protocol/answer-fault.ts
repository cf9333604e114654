import * as v from "valibot";

/** Describes why an answer could not be parsed: names the path of its first fault, if only a part of it is wrong. */
export function faultIn(issue: v.BaseIssue<unknown>): string {
  const path = v.getDotPath(issue);
  return path === null ? "not of a known form" : `unexpected value at ${path}`;
}
