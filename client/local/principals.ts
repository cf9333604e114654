import { type AccessDecision, decideAccess, type Principal, type RequestContext } from "./access.ts";

/** Distinct decisions kept. Tables and functions are few; only keys of blobs are many. */
const REMEMBERED = 10_000;

/**
 * Everyone who may call this cloud, found by the access key of a request.
 *
 * The access key itself is the secret: it is drawn at random for each cloud, and the request's signature is not
 * computed anew, which would cost each call about as much as the call itself.
 */
export class Principals {
  readonly #byKey: Map<string, Principal>;
  readonly #decisions = new Map<string, AccessDecision>();

  constructor(principals: readonly Principal[]) {
    this.#byKey = new Map(principals.map((principal) => [principal.accessKeyId, principal]));
  }

  /** Who signed, by the request's Authorization header; undefined for a stranger. */
  signer(authorization: string | undefined): Principal | undefined {
    if (authorization === undefined) return undefined;
    const from = authorization.indexOf("Credential=") + "Credential=".length;
    return this.#byKey.get(authorization.slice(from, authorization.indexOf("/", from)));
  }

  /** Decides whether `principal` may. Decisions are remembered: they are on the path of every call. */
  decide(principal: Principal, action: string, resource: string, context?: RequestContext): AccessDecision {
    const question = `${principal.accessKeyId} ${action} ${resource} ${context ? JSON.stringify(context) : ""}`;
    const known = this.#decisions.get(question);
    if (known !== undefined) return known;
    const decision = decideAccess(principal.statements, action, resource, context);
    if (this.#decisions.size >= REMEMBERED) this.#decisions.clear();
    this.#decisions.set(question, decision);
    return decision;
  }
}

/** How AWS words a refusal. */
export function accessDeniedMessage(
  principal: Principal,
  action: string,
  resource: string,
  decision: AccessDecision,
): string {
  const why =
    decision === "denied"
      ? "with an explicit deny in an identity-based policy"
      : `because no identity-based policy allows the ${action} action`;
  return `User: ${principal.arn} is not authorized to perform: ${action} on resource: ${resource} ${why}`;
}
