import type { CodeRules } from "../../lambdas/protocol/code-rules.ts";
import type { HighWaterMark } from "../../lambdas/protocol/flags.ts";
import type { ClusterStatus } from "../../lambdas/protocol/scheduler-answer.ts";
import type { Connection } from "../connection/connection.ts";
import { DEFAULT_REGION } from "../cost/price-table.ts";
import { type Prices, pricesOf } from "../cost/prices.ts";
import type { CloudPort } from "./cloud-port.ts";
import type { JobLedger } from "./job-ledger.ts";
import { poolIds } from "./pool-ids.ts";

/** A client's knowledge of its cluster, as of the last status. */
export class KnownCluster {
  readonly #cloud: Pick<CloudPort, "cluster" | "region" | "hwm" | "ledger">;
  readonly #onCode: (code: Partial<CodeRules>) => void;
  #pools: Connection["pools"];
  #prices: Prices | undefined;

  /**
   * @param pools empty inside a task, where they are unknown
   * @param onCode called with the functions that the cluster accepts, whenever a status reports them
   */
  constructor(
    cloud: Pick<CloudPort, "cluster" | "region" | "ledger">,
    pools: Connection["pools"],
    onCode: (code: Partial<CodeRules>) => void,
  ) {
    this.#cloud = cloud;
    this.#pools = pools;
    this.#onCode = onCode;
  }

  /** Identifies the cluster; undefined inside a task. */
  get id(): string | undefined {
    return this.#cloud.cluster;
  }

  /** This client's own usage of AWS, by job; undefined inside a task. */
  get ledger(): JobLedger | undefined {
    return this.#cloud.ledger;
  }

  /** AWS's prices in the cluster's region. */
  get prices(): Prices {
    this.#prices ??= pricesOf(this.#cloud.region ?? DEFAULT_REGION);
    return this.#prices;
  }

  /** The cluster's high-water mark; `adaptive` if it is unknown. */
  get hwm(): HighWaterMark {
    return this.#cloud.hwm ?? "adaptive";
  }

  /** The pools of engines, in order. Empty inside a task. */
  get pools(): Connection["pools"] {
    return this.#pools;
  }

  get engineCount(): number {
    return this.#pools.reduce((sum, { count }) => sum + count, 0);
  }

  /** Ids of all engines, or of those in the named pool, ascending. */
  ids(pool?: string): number[] {
    return poolIds(this.#pools, pool);
  }

  saw({ pools, code }: Pick<ClusterStatus, "pools" | "code">): void {
    this.#pools = pools;
    if (code) this.#onCode(code);
  }
}
