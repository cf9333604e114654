import * as v from "valibot";
import { ClusterError } from "../../../lambdas/protocol/errors.ts";

/** A statement of an IAM policy. Of each pair exactly one is there. */
export interface Statement {
  effect: "Allow" | "Deny";
  actions?: string[] | undefined;
  notActions?: string[] | undefined;
  resources?: string[] | undefined;
  notResources?: string[] | undefined;
  /** All must hold. */
  conditions?: Condition[] | undefined;
}

/** What a statement demands of the request besides: that a key has one of these values, or (`Null`) is there or not. */
export interface Condition {
  operator: "Null" | "StringEquals";
  key: string;
  values: string[];
}

/** What a request tells besides who, what and where, by the keys that IAM has for it. */
export type RequestContext = Readonly<Record<string, string | undefined>>;

/** The keys of conditions that this cloud can tell of a request, in lower case as IAM does not mind it. */
const KNOWN_KEYS = ["s3:if-none-match"];

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
const PolicyConditions = v.record(v.pipe(v.string(), v.toLowerCase(), v.picklist(KNOWN_KEYS)), OneOrMore);
const PolicyStatement = v.strictObject({
  Sid: v.optional(v.string()),
  Effect: v.picklist(["Allow", "Deny"]),
  Action: v.optional(OneOrMore),
  NotAction: v.optional(OneOrMore),
  Resource: v.optional(OneOrMore),
  NotResource: v.optional(OneOrMore),
  Condition: v.optional(
    v.strictObject({ Null: v.optional(PolicyConditions), StringEquals: v.optional(PolicyConditions) }),
    {},
  ),
});

/** Services whose calls this cloud answers or looks at. */
const SERVICES = ["dynamodb", "events", "lambda", "logs", "s3"];

/** Whether a statement may be about a call to this cloud: one about keys or networks alone decides nothing here. */
export function concernsThisCloud(given: unknown): boolean {
  const { Action: actions = "*" } = v.parse(v.looseObject({ Action: v.optional(OneOrMore) }), given);
  return [actions].flat().some((action) => {
    const [service = "", name] = action.toLowerCase().split(":");
    return name === undefined || service.includes("*") || SERVICES.includes(service);
  });
}

/**
 * Reads a statement of the template.
 *
 * @throws ClusterError for what this cloud cannot evaluate, as most conditions are: it must not let pass what AWS refuses
 */
export function parseStatement(given: unknown): Statement {
  const parsed = v.safeParse(PolicyStatement, given);
  if (!parsed.success)
    throw new ClusterError(`the embedded cloud cannot evaluate the policy statement ${JSON.stringify(given)}`);
  const { Effect, Action, NotAction, Resource, NotResource, Condition } = parsed.output;
  const conditions = (["Null", "StringEquals"] as const).flatMap((operator) =>
    Object.entries(Condition[operator] ?? {}).map(([key, values]) => ({ operator, key, values })),
  );
  return {
    effect: Effect,
    actions: Action,
    notActions: NotAction,
    resources: Resource,
    notResources: NotResource,
    ...(conditions.length > 0 && { conditions }),
  };
}

/**
 * Decides as IAM does: a Deny wins, an Allow is needed.
 *
 * @param action as in `dynamodb:PutItem`
 * @param resource its ARN
 */
export function decideAccess(
  statements: readonly Statement[],
  action: string,
  resource: string,
  context: RequestContext = {},
): AccessDecision {
  let decision: AccessDecision = "ungranted";
  for (const statement of statements) {
    const { actions, notActions, resources, notResources, conditions = [] } = statement;
    const concerns =
      (actions ? matchesAny(actions, action, "i") : !matchesAny(notActions ?? [], action, "i")) &&
      (resources ? matchesAny(resources, resource) : !matchesAny(notResources ?? [], resource)) &&
      conditions.every((condition) => holds(condition, context));
    if (!concerns) continue;
    if (statement.effect === "Deny") return "denied";
    decision = "allowed";
  }
  return decision;
}

function holds({ operator, key, values }: Condition, context: RequestContext): boolean {
  const value = context[key];
  return operator === "Null"
    ? values.includes(String(value === undefined))
    : value !== undefined && values.includes(value);
}

/** `*` stands for any text, `?` for any character. */
function matchesAny(patterns: readonly string[], text: string, flags = ""): boolean {
  return patterns.some((pattern) => {
    if (pattern === "*") return true;
    const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&");
    return new RegExp(`^${escaped.replaceAll("*", ".*").replaceAll("?", ".")}$`, `s${flags}`).test(text);
  });
}

/** Who may call the cloud, and by which statements. */
export interface Grantee {
  /** Of the session of a function's role, or of the client. */
  arn: string;
  /** `client`, or a function by its role in the cluster: `scheduler`, `report`, `engine`. */
  label: string;
  statements: Statement[];
}

/** A question that the cloud has decided. */
export interface AskedAccess {
  /** ARN of who asked. */
  by: string;
  /** As in `dynamodb:PutItem`. */
  action: string;
  /** ARN. */
  resource: string;
  decision: AccessDecision;
}
