import { logicalId, uniqueName } from "./logical-id.ts";
import { SEED, type StackSeed } from "./stack-template.ts";

/** A cluster's place in the derived stack. */
export interface CellTarget {
  /** ID of the cluster's construct. */
  cluster: string;
  tenant?: string;
}

/** One function of a pool, with the resources that belong to it. */
export interface PoolCopy {
  pool: string;
  /** Index of the function in its pool. */
  at: number;
}

/** Maximum length of the name of the sweep's rule, without its suffix. */
const RULE_CHARS = 58;
/** Construct IDs of the parts that each function of a pool has for itself. */
const COPIED = new Set(["Function", "Events"]);

/** Maps the names of the seed's resources to the names in one cluster of a derived stack. */
export class SeedNames {
  readonly #paths: ReadonlyMap<string, readonly string[]>;
  readonly #cluster: string;

  constructor({ resources, paths }: StackSeed, { cluster }: CellTarget) {
    this.#paths = new Map(Object.keys(resources).map((id) => [id, paths[id]?.split("/") ?? []]));
    this.#cluster = cluster;
  }

  /**
   * Returns the path of constructs that contain a resource within the seed's cluster, such as `Scheduler` and `Policy`.
   */
  partOf(id: string): readonly string[] {
    return this.#paths.get(id)?.slice(1) ?? [];
  }

  /** Whether each function of a pool has its own copy of this resource. */
  isCopied(id: string): boolean {
    return COPIED.has(this.partOf(id)[1] ?? "");
  }

  /** Returns the new name of one of the seed's resources. A resource of the seed's pool gets the name for `copy`. */
  idOf(id: string, copy: PoolCopy = { pool: SEED.pool, at: 0 }): string {
    const [part = "", ...inside] = this.partOf(id);
    if (part !== `Engine-${SEED.pool}`)
      return logicalId([this.#cluster, part, ...inside.map((one) => this.#within(one))]);
    const [kind = "", ...rest] = inside;
    const copied = COPIED.has(kind) && copy.at > 0 ? `${kind}-${copy.at + 1}` : kind;
    return logicalId([this.#cluster, `Engine-${copy.pool}`, copied, ...rest]);
  }

  /** Returns the logical IDs of a pool's functions. */
  functionsOf({ name, burst }: { name: string; burst: number }): string[] {
    const [id = ""] = [...this.#paths.keys()].filter((one) => this.partOf(one).join("/").startsWith(SEED_FUNCTION));
    return Array.from({ length: burst }, (_, at) => this.idOf(id, { pool: name, at }));
  }

  /** Returns a JSON value of the seed with all names replaced by this cluster's. */
  renamed<Value>(value: Value, copy?: PoolCopy): Value {
    // The value keeps its shape; only its strings change.
    return this.#renamed(value, copy) as Value;
  }

  #renamed(value: unknown, copy: PoolCopy | undefined): unknown {
    if (typeof value === "string") {
      if (this.#paths.has(value)) return this.idOf(value, copy);
      return value === ruleName(SEED.cluster) ? ruleName(this.#cluster) : value;
    }
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) return value.map((one) => this.#renamed(one, copy));
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, this.#renamed(one, copy)]));
  }

  /**
   * Returns the new name of a construct inside a part. A rule's permission is named after the function that the rule
   * calls.
   */
  #within(part: string): string {
    const called = "AllowEventRule";
    return part.startsWith(called) ? called + logicalId([SEED.stack, this.#cluster, "Scheduler", "Function"]) : part;
  }
}

const SEED_FUNCTION = `Engine-${SEED.pool}/Function/`;

function ruleName(cluster: string): string {
  return `${uniqueName([SEED.stack, cluster], RULE_CHARS)}-sweep`;
}
