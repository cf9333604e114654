import * as v from "valibot";

/** Describes why an answer could not be parsed: names the path of its first fault, if only a part of it is wrong. */
export function faultIn(issue: v.BaseIssue<unknown>): string {
  const path = v.getDotPath(issue);
  return path === null ? "not of a known form" : `unexpected value at ${path}`;
}

/**
 * Describes the probable cause of a message that one side cannot read, with what to do about it: the end of an error's
 * message.
 */
export function differentVersions(sides: "client and cluster" | "client and engine" | "engine and scheduler"): string {
  const remedy =
    sides === "client and cluster"
      ? "use the version of fantail that the cluster was deployed with"
      : "deploy the cluster again";
  return `${sides} probably run different versions of fantail: ${remedy}`;
}
