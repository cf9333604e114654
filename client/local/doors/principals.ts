import type { Serving } from "../call-channel.ts";
import {
  type AccessDecision,
  type AskedAccess,
  decideAccess,
  type Grantee,
  type Principal,
  type RequestContext,
  type Statement,
} from "./access.ts";

/** Distinct decisions kept. Tables and functions are few; only keys of blobs are many. */
const REMEMBERED = 10_000;

/**
 * Everyone who may call this cloud, found by the access key of a request.
 *
 * The access key itself is the secret: 144 random bits, drawn anew for each cloud. Whoever comes to know it, from the connection
 * file or a function's environment, finds the key that signs beside it, so the request's signature would tell nothing more and
 * is not looked at.
 */
export class Principals {
  readonly #byKey: Map<string, Principal>;
  readonly #decisions = new Map<string, AccessDecision>();
  #revision = 0;
  /** Questions since they were last taken, once somebody wants to know. */
  #asked: Map<string, AskedAccess> | undefined;

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
    let decision = this.#decisions.get(question);
    if (decision === undefined) {
      decision = decideAccess(principal.statements, action, resource, context);
      if (this.#decisions.size >= REMEMBERED) this.#decisions.clear();
      this.#decisions.set(question, decision);
    }
    this.#asked?.set(question, { by: principal.arn, action, resource, decision });
    return decision;
  }

  /** Whether somebody wants to know what is asked, so that nothing may be asked that is not at issue. */
  get isWatched(): boolean {
    return this.#asked !== undefined;
  }

  /** How often what somebody may was changed: what was made of decisions holds until then. */
  get revision(): number {
    return this.#revision;
  }

  /** Everyone, with what they may. */
  grantees(): Grantee[] {
    return [...this.#byKey.values()].map(({ arn, label, statements }) => ({ arn, label, statements: [...statements] }));
  }

  /** Changes what one of them may, from now on. */
  setStatements(arn: string, statements: readonly Statement[]): void {
    for (const principal of this.#byKey.values()) if (principal.arn === arn) principal.statements = statements;
    this.#decisions.clear();
    this.#revision++;
  }

  /** What was decided since the last time, and from now on noted. */
  takeAsked(): AskedAccess[] {
    const asked = [...(this.#asked?.values() ?? [])];
    this.#asked = new Map();
    return asked;
  }
}

/** What the owner of a process that decides may ask of it. */
export type AccessVerbs = {
  setStatements(change: { arn: string; statements: readonly Statement[] }): void;
  asked(): AskedAccess[];
};

/** @see AccessVerbs */
export function accessVerbs(principals: () => Principals | undefined): Serving<AccessVerbs> {
  return {
    setStatements: ({ arn, statements }) => principals()?.setStatements(arn, statements),
    asked: () => principals()?.takeAsked() ?? [],
  };
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
