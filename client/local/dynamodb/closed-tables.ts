import type { Principal } from "../requests/access.ts";
import type { Principals } from "../requests/principals.ts";
import type { TableSpec } from "../stack/deployment.ts";

/**
 * How many pairs of caller and action are cached. Each caller uses about ten actions, but made-up action names must not
 * fill the memory.
 */
const REMEMBERED = 1000;

/**
 * Pattern that a body must match to name a table closed to its caller. If all tables are closed (`every`) or none is
 * (`none`), the body does not matter.
 */
type Sign = RegExp | "every" | "none";

/**
 * Finds, and caches, the tables that a caller may not use for an action, so that most request bodies need not be
 * parsed. With 20 tenants, for example, a client may use 1 of 40 tables.
 */
export class ClosedTables {
  readonly #tables: readonly TableSpec[];
  readonly #principals: Principals;
  readonly #signs = new Map<string, Sign>();
  /** Revision of the access statements that the patterns were made from. */
  #revision = 0;

  constructor(tables: readonly TableSpec[], principals: Principals) {
    this.#tables = tables;
    this.#principals = principals;
  }

  /** Whether a request might name a closed table. If so, the body must be parsed to find out. */
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
    // JSON may escape any letter of a name, so a body that contains an escape might name a closed table.
    return new RegExp(`"(?:${names.join("|")})"|\\\\u`);
  }
}
