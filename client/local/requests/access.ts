import * as v from "valibot";
import { ClusterError } from "../../../lambdas/protocol/errors.ts";
import { matchesIamPattern } from "./iam-pattern.ts";

/**
 * A statement of an IAM policy. Has exactly one of `actions` and `notActions`, and exactly one of `resources` and
 * `notResources`.
 */
export interface Statement {
  effect: "Allow" | "Deny";
  /** Actions that the statement covers; absent if `notActions` is given. */
  actions?: string[] | undefined;
  /** The statement covers all actions but these; absent if `actions` is given. */
  notActions?: string[] | undefined;
  /** Resources that the statement covers; absent if `notResources` is given. */
  resources?: string[] | undefined;
  /** The statement covers all resources but these; absent if `resources` is given. */
  notResources?: string[] | undefined;
  /** Conditions on the request, all of which must hold; absent if there are none. */
  conditions?: Condition[] | undefined;
}

/**
 * A condition on the request. `StringEquals`: the key has one of the values. `Null`: the key is absent (`true`) or
 * present (`false`).
 */
export interface Condition {
  operator: "Null" | "StringEquals";
  key: string;
  values: string[];
}

/** Values of a request's condition keys. */
export type RequestContext = Readonly<Record<string, string | undefined>>;

/** The condition keys that this cloud supports, in lower case: IAM ignores their case. */
const KNOWN_KEYS = ["s3:if-none-match"];

/** A caller: a function's role, or a client. Requests identify their caller by its access key. */
export interface Principal {
  accessKeyId: string;
  secretAccessKey: string;
  /** `client`, or the handler's export: `scheduler`, `report`, `engine`. */
  label: string;
  arn: string;
  statements: readonly Statement[];
}

/** `denied`: a statement denies it. `ungranted`: no statement allows it. */
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

/** Services whose permissions this cloud evaluates. */
const SERVICES = ["dynamodb", "events", "lambda", "logs", "s3"];

/**
 * Whether a statement can apply to a call to this cloud. Statements about other services, such as KMS or EC2, cannot.
 */
export function concernsThisCloud(given: unknown): boolean {
  const { Action: actions = "*" } = v.parse(v.looseObject({ Action: v.optional(OneOrMore) }), given);
  return [actions].flat().some((action) => {
    const [service = "", name] = action.toLowerCase().split(":");
    return name === undefined || service.includes("*") || SERVICES.includes(service);
  });
}

/**
 * Parses a policy statement of the template.
 *
 * @throws ClusterError for anything that this cloud cannot evaluate, such as most conditions: this cloud must not allow
 * what AWS denies
 */
export function parseStatement(given: unknown): Statement {
  const parsed = v.safeParse(PolicyStatement, given);
  if (!parsed.success) {
    const part = v.getDotPath(parsed.issues[0]) ?? "the form";
    const statement = JSON.stringify(given);
    throw new ClusterError(
      `the embedded cloud cannot evaluate the policy statement ${statement}, because of ${part}: change that, or use another cloud`,
    );
  }
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
 * Evaluates statements as IAM does: at least one Allow is needed, and a Deny overrides all of them.
 *
 * @param action for example `dynamodb:PutItem`
 * @param resource ARN of the resource
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
      (actions ? matchesAction(actions, action) : !matchesAction(notActions ?? [], action)) &&
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

function matchesAny(patterns: readonly string[], text: string): boolean {
  return patterns.some((pattern) => matchesIamPattern(text, pattern));
}

function matchesAction(patterns: readonly string[], action: string): boolean {
  return matchesAny(
    patterns.map((pattern) => pattern.toLowerCase()),
    action.toLowerCase(),
  );
}

/** A caller of the cloud and its policy statements. */
export interface Grantee {
  /** ARN of the client, or of the session of a function's role. */
  arn: string;
  /** `client`, or a function's role in the cluster: `scheduler`, `report`, `engine`. */
  label: string;
  statements: Statement[];
}

/** An access decision that the cloud has made. */
export interface AskedAccess {
  /** ARN of the caller. */
  by: string;
  /** For example `dynamodb:PutItem`. */
  action: string;
  /** ARN of the resource. */
  resource: string;
  decision: AccessDecision;
}
