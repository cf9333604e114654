import type { Principal } from "../doors/access.ts";
import type { Principals } from "../doors/principals.ts";
import type { TableSpec } from "../stack/deployment.ts";

/** Callers' actions that are remembered. There are some ten of each; what a stranger to DynamoDB calls them must not fill the memory. */
const REMEMBERED = 1000;

/** What a body has to hold to be about a closed table; `every`: all are closed, so what it holds does not matter. */
type Sign = RegExp | "every" | "none";

/** The tables of a stack that are closed to a caller and an action, found once: with twenty tenants each may use two of forty. */
export class ClosedTables {
  readonly #tables: readonly TableSpec[];
  readonly #principals: Principals;
  readonly #signs = new Map<string, Sign>();
  /** Of the statements that the signs were made by. */
  #revision = 0;

  constructor(tables: readonly TableSpec[], principals: Principals) {
    this.#tables = tables;
    this.#principals = principals;
  }

  /** Whether a request may be about a closed table, so that it is worth a look at what it names. */
  mayBeIn(body: string, principal: Principal, action: string): boolean {
    const sign = this.#signOf(principal, action);
    return typeof sign === "string" ? sign === "every" : sign.test(body);
  }

  #signOf(principal: Principal, action: string): Sign {
    const { revision } = this.#principals;
    if (revision !== this.#revision || this.#signs.size >= REMEMBERED) this.#signs.clear();
    this.#revision = revision;
    const asked = `${principal.accessKeyId} ${action}`;
    let sign = this.#signs.get(asked);
    if (sign === undefined) {
      sign = this.#sign(principal, action);
      this.#signs.set(asked, sign);
    }
    return sign;
  }

  #sign(principal: Principal, action: string): Sign {
    const closed = this.#tables.filter(({ arn }) => this.#principals.decide(principal, action, arn) !== "allowed");
    if (closed.length === this.#tables.length) return "every";
    if (closed.length === 0) return "none";
    const names = closed.map(({ name }) => name.replaceAll(".", "\\."));
    // A name stands there as it is, or with letters escaped.
    return new RegExp(`"(?:${names.join("|")})"|\\\\u`);
  }
}
