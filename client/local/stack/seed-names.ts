import { logicalId, uniqueName } from "./logical-id.ts";
import { SEED, type StackSeed } from "./stack-template.ts";

/** Where a cluster of the derived stack stands. */
export interface CellPlace {
  /** ID of its construct. */
  cluster: string;
  tenant?: string;
}

/** A function of a pool, with what belongs to it. */
export interface PoolCopy {
  pool: string;
  /** Its index among the pool's functions. */
  at: number;
}

/** Longest name of the sweep's rule, without its end. */
const RULE_CHARS = 58;
/** What each function of a pool has for itself. */
const COPIED = new Set(["Function", "Events"]);

/** What the seed's resources are called in one cluster of a derived stack. */
export class SeedNames {
  readonly #paths: ReadonlyMap<string, readonly string[]>;
  readonly #cluster: string;

  constructor({ resources, paths }: StackSeed, { cluster }: CellPlace) {
    this.#paths = new Map(Object.keys(resources).map((id) => [id, paths[id]?.split("/") ?? []]));
    this.#cluster = cluster;
  }

  /** The parts of the seed's cluster that a resource belongs to, from the outer one, as `Scheduler` and `Policy`. */
  partOf(id: string): readonly string[] {
    return this.#paths.get(id)?.slice(1) ?? [];
  }

  /** Whether each function of a pool has one of these. */
  isCopied(id: string): boolean {
    return COPIED.has(this.partOf(id)[1] ?? "");
  }

  /** The name of a resource of the seed's; of its pool's, in the place of that function's. */
  idOf(id: string, copy: PoolCopy = { pool: SEED.pool, at: 0 }): string {
    const [part = "", ...inside] = this.partOf(id);
    if (part !== `Engine-${SEED.pool}`)
      return logicalId([this.#cluster, part, ...inside.map((one) => this.#within(one))]);
    const [kind = "", ...rest] = inside;
    const copied = COPIED.has(kind) && copy.at > 0 ? `${kind}-${copy.at + 1}` : kind;
    return logicalId([this.#cluster, `Engine-${copy.pool}`, copied, ...rest]);
  }

  /** The functions of a pool. */
  functionsOf({ name, burst }: { name: string; burst: number }): string[] {
    const [id = ""] = [...this.#paths.keys()].filter((one) => this.partOf(one).join("/").startsWith(SEED_FUNCTION));
    return Array.from({ length: burst }, (_, at) => this.idOf(id, { pool: name, at }));
  }

  /** JSON of the seed's with the names of this cluster. */
  renamed<Value>(value: Value, copy?: PoolCopy): Value {
    // Strings stay strings and lists stay lists: only what they say changes.
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

  /** A part that is itself called after another resource: the permission of a rule, after the function that it calls. */
  #within(part: string): string {
    const called = "AllowEventRule";
    return part.startsWith(called) ? called + logicalId([SEED.stack, this.#cluster, "Scheduler", "Function"]) : part;
  }
}

const SEED_FUNCTION = `Engine-${SEED.pool}/Function/`;

function ruleName(cluster: string): string {
  return `${uniqueName([SEED.stack, cluster], RULE_CHARS)}-sweep`;
}
