import type { MetricTable } from "../protocol/metric-names.ts";

/** The namespace and the dimension of metrics. */
export interface MetricScope {
  /** Namespace in CloudWatch. Absent: nothing is counted. */
  namespace: string | undefined;
  /** The only dimension: its name and value. */
  dimension: readonly [name: string, value: string];
}

/**
 * Counts metrics and writes them as log lines in CloudWatch's embedded metric format. CloudWatch turns these lines into
 * metrics, so no call is needed.
 */
export class EmbeddedMetrics<Table extends MetricTable> {
  readonly #scope: MetricScope;
  readonly #table: Table;
  readonly #now: () => number;
  readonly #write: (line: string) => void;
  readonly #values = new Map<keyof Table & string, number>();

  /** @param write takes a line. Default: standard output */
  constructor(
    scope: MetricScope,
    table: Table,
    now: () => number,
    write: (line: string) => void = (line) => process.stdout.write(line),
  ) {
    this.#scope = scope;
    this.#table = table;
    this.#now = now;
    this.#write = write;
  }

  /** Whether there is a namespace. */
  get isOn(): boolean {
    return this.#scope.namespace !== undefined;
  }

  add(name: keyof Table & string, value = 1): void {
    if (this.isOn) this.#values.set(name, (this.#values.get(name) ?? 0) + value);
  }

  /** Writes the values that were counted since the last call as one line, or nothing if there are none. */
  flush(): void {
    if (this.#values.size === 0) return;
    const { namespace: Namespace, dimension } = this.#scope;
    const [name, value] = dimension;
    const Metrics = [...this.#values.keys()].map((Name) => ({ Name, Unit: this.#table[Name]?.[0] }));
    const _aws = { Timestamp: this.#now(), CloudWatchMetrics: [{ Namespace, Dimensions: [[name]], Metrics }] };
    this.#write(`${JSON.stringify({ _aws, [name]: value, ...Object.fromEntries(this.#values) })}\n`);
    this.#values.clear();
  }
}
