import type { AskedAccess, Grantee, Statement } from "../../client/local/index.ts";
import { decideAccess } from "../../client/local/requests/access.ts";

/** A right of one caller: an action on a resource or, if both are absent, a whole statement. */
export interface Right {
  by: string;
  label: string;
  /** Index among the caller's statements. */
  statement: number;
  action?: string;
  resource?: string;
}

/** Returns every statement, and each action of it on each resource. */
export function rightsOf(grantees: readonly Grantee[]): Right[] {
  return grantees.flatMap(({ arn, label, statements }) =>
    statements.flatMap(({ actions = [], resources = [] }, statement) => {
      const whole = { by: arn, label, statement };
      const parts = actions.flatMap((action) => resources.map((resource) => ({ ...whole, action, resource })));
      // A statement with one action on one resource needs no entry of its own.
      return parts.length === 1 ? parts : [whole, ...parts];
    }),
  );
}

/** Returns the caller's statements without the right. */
export function without(statements: readonly Statement[], { statement, action, resource }: Right): Statement[] {
  return statements.flatMap((one, at) => {
    if (at !== statement) return [one];
    if (action === undefined || resource === undefined) return [];
    const { actions = [], resources = [] } = one;
    return [
      { ...one, actions: actions.filter((other) => other !== action) },
      { ...one, actions: [action], resources: resources.filter((other) => other !== resource) },
    ].filter((rest) => rest.actions?.length && rest.resources?.length);
  });
}

/** Whether an access decision was about this right. */
export function covers({ by, action, resource, statement }: Right, asked: AskedAccess, grantees: readonly Grantee[]) {
  const granted = grantees.find(({ arn }) => arn === by)?.statements[statement];
  if (asked.by !== by || !granted) return false;
  const { actions, resources } = granted;
  const alone: Statement = {
    effect: "Allow",
    actions: action === undefined ? actions : [action],
    resources: resource === undefined ? resources : [resource],
  };
  return decideAccess([alone], asked.action, asked.resource) === "allowed";
}

export function describeRight({ by, statement, action = "anything", resource = "anything" }: Right): string {
  return `${by.split("/").at(-1)}, statement ${statement}: ${action} on ${resource.replace(/^.*0000:/, "")}`;
}
