import type { Serving } from "../processes/call-channel.ts";
import {
  type AccessDecision,
  type AskedAccess,
  decideAccess,
  type Grantee,
  type Principal,
  type RequestContext,
  type Statement,
} from "./access.ts";

/**
 * How many access decisions are cached. Decisions about blobs can be many, because each blob has its own key; tables
 * and functions are few.
 */
const REMEMBERED = 10_000;

/**
 * The callers of this cloud, found by the access key of a request.
 *
 * The access key itself is the secret: 144 random bits, new for each cloud. Anyone who can read an access key, in the
 * connection file or in a function's environment, finds the signing key next to it. Verifying signatures would
 * therefore add nothing, so they are ignored.
 */
export class Principals {
  readonly #byKey: Map<string, Principal>;
  readonly #decisions = new Map<string, AccessDecision>();
  #revision = 0;
  /** Decisions since they were last taken; undefined until `takeAsked` is first called. */
  #asked: Map<string, AskedAccess> | undefined;

  constructor(principals: readonly Principal[]) {
    this.#byKey = new Map(principals.map((principal) => [principal.accessKeyId, principal]));
  }

  /** Returns the caller named in the request's Authorization header; undefined if unknown. */
  signer(authorization: string | undefined): Principal | undefined {
    if (authorization === undefined) return undefined;
    const from = authorization.indexOf("Credential=") + "Credential=".length;
    return this.#byKey.get(authorization.slice(from, authorization.indexOf("/", from)));
  }

  /** Decides whether `principal` may perform an action. Decisions are cached, because every call needs one. */
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

  /** Whether decisions are being recorded. If so, endpoints must ask for exactly the access that a request needs. */
  get isWatched(): boolean {
    return this.#asked !== undefined;
  }

  /** Number of changes of statements so far. Anything derived from decisions is valid while it stays the same. */
  get revision(): number {
    return this.#revision;
  }

  grantees(): Grantee[] {
    return [...this.#byKey.values()].map(({ arn, label, statements }) => ({ arn, label, statements: [...statements] }));
  }

  /** Replaces the statements of one caller. */
  setStatements(arn: string, statements: readonly Statement[]): void {
    for (const principal of this.#byKey.values()) if (principal.arn === arn) principal.statements = statements;
    this.#decisions.clear();
    this.#revision++;
  }

  /** Returns the distinct decisions since the last call. The first call returns none and starts the recording. */
  takeAsked(): AskedAccess[] {
    const asked = [...(this.#asked?.values() ?? [])];
    this.#asked = new Map();
    return asked;
  }
}

/** The verbs that a process with access control serves to its owner. */
export type AccessVerbs = {
  setStatements(change: { arn: string; statements: readonly Statement[] }): void;
  asked(): AskedAccess[];
};

/**
 * Implements `AccessVerbs`.
 *
 * @param principals returns the callers; undefined until they are known
 */
export function accessVerbs(principals: () => Principals | undefined): Serving<AccessVerbs> {
  return {
    setStatements: ({ arn, statements }) => principals()?.setStatements(arn, statements),
    asked: () => principals()?.takeAsked() ?? [],
  };
}

/** Returns AWS's message for a refused call. */
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
