import * as v from "valibot";
import { ClusterError } from "../../protocol/errors.ts";
import { CodeUnit, FunctionReference } from "../../protocol/function-reference.ts";
import type { Grant, GrantedNames, GrantedTask } from "../../protocol/grant.ts";
import { ResultValues } from "../../protocol/spec-page.ts";

/** Tasks are checked when they run: checking a thousand of them here would take longer than short tasks last. */
const GrantShape = v.looseObject({
  job: v.string(),
  seq: v.number(),
  tasks: v.array(v.custom<GrantedTask>((task) => Array.isArray(task) && (task.length === 4 || task.length === 5))),
  results: v.exactOptional(v.array(ResultValues)),
  functions: v.array(FunctionReference),
  units: v.array(CodeUnit),
  chunked: v.boolean(),
  names: v.exactOptional(v.array(v.custom<GrantedNames[number]>((name) => Array.isArray(name) && name.length === 2))),
  aimMs: v.number(),
  keep: v.exactOptional(v.boolean()),
  ahead: v.exactOptional(v.boolean()),
  runTimeoutMs: v.exactOptional(v.number()),
  deadlineAt: v.exactOptional(v.number()),
});

/**
 * Parses a lease from an event or an answer.
 *
 * @throws ClusterError if it is not a lease, because scheduler and engine have different versions
 */
export function parseGrant(grant: unknown): Grant {
  const parsed = v.safeParse(GrantShape, grant);
  if (parsed.success) return parsed.output;
  throw new ClusterError(
    `the tasks sent to this engine cannot be read, as engine and scheduler are of different versions. Deploy the cluster again (${v.getDotPath(parsed.issues[0]) ?? "all"} is wrong)`,
  );
}
