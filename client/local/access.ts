import * as v from "valibot";
import { ClusterError } from "../../lambdas/protocol/errors.ts";

/** A statement of an IAM policy. Of each pair exactly one is there. */
export interface Statement {
  effect: "Allow" | "Deny";
  actions?: string[] | undefined;
  notActions?: string[] | undefined;
  resources?: string[] | undefined;
  notResources?: string[] | undefined;
}

/** Who calls: a function's role, or the client. Its access key names it. */
export interface Principal {
  accessKeyId: string;
  secretAccessKey: string;
  /** `client`, or the handler's export: `scheduler`, `report`, `engine`. */
  label: string;
  arn: string;
  statements: readonly Statement[];
}

/** `denied` by a statement that says so; `ungranted` where none allows it. */
export type AccessDecision = "allowed" | "denied" | "ungranted";

const OneOrMore = v.pipe(
  v.union([v.string(), v.array(v.string())]),
  v.transform((value) => (typeof value === "string" ? [value] : value)),
);
const PolicyStatement = v.strictObject({
  Sid: v.optional(v.string()),
  Effect: v.picklist(["Allow", "Deny"]),
  Action: v.optional(OneOrMore),
  NotAction: v.optional(OneOrMore),
  Resource: v.optional(OneOrMore),
  NotResource: v.optional(OneOrMore),
});

/**
 * Reads a statement of the template.
 *
 * @throws ClusterError for what this cloud cannot evaluate, as conditions are: it must not let pass what AWS refuses
 */
export function parseStatement(given: unknown): Statement {
  const parsed = v.safeParse(PolicyStatement, given);
  if (!parsed.success)
    throw new ClusterError(`the embedded cloud cannot evaluate the policy statement ${JSON.stringify(given)}`);
  const { Effect, Action, NotAction, Resource, NotResource } = parsed.output;
  return { effect: Effect, actions: Action, notActions: NotAction, resources: Resource, notResources: NotResource };
}

/**
 * Decides as IAM does: a Deny wins, an Allow is needed.
 *
 * @param action as in `dynamodb:PutItem`
 * @param resource its ARN
 */
export function decideAccess(statements: readonly Statement[], action: string, resource: string): AccessDecision {
  let decision: AccessDecision = "ungranted";
  for (const statement of statements) {
    const { actions, notActions, resources, notResources } = statement;
    const concerns =
      (actions ? matchesAny(actions, action, "i") : !matchesAny(notActions ?? [], action, "i")) &&
      (resources ? matchesAny(resources, resource) : !matchesAny(notResources ?? [], resource));
    if (!concerns) continue;
    if (statement.effect === "Deny") return "denied";
    decision = "allowed";
  }
  return decision;
}

/** `*` stands for any text, `?` for any character. */
function matchesAny(patterns: readonly string[], text: string, flags = ""): boolean {
  return patterns.some((pattern) => {
    if (pattern === "*") return true;
    const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&");
    return new RegExp(`^${escaped.replaceAll("*", ".*").replaceAll("?", ".")}$`, `s${flags}`).test(text);
  });
}
