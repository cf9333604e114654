import type { EnginePool } from "../../cdk/index.ts";
import type { ClusterAddress } from "../../client/cluster/find-cluster.ts";

/**
 * The pools of the contract's cluster. Every cloud deploys them in this order: engines 0 and 1 run tasks without
 * targets, 2 has a timeout of three seconds, and 3 to 5 are those that tests throttle.
 */
export const CONTRACT_POOLS: EnginePool[] = [
  { name: "default", count: 2, timeoutSeconds: 120 },
  { name: "brief", count: 1, timeoutSeconds: 3 },
  { name: "capped", count: 3, timeoutSeconds: 60 },
];

/** Undoes a change that a test made to a cloud. */
export type Restore = () => Promise<void>;

/** A cloud with the contract's cluster. */
export interface ContractCloud {
  /** Address by which any process reaches the cluster. */
  address: ClusterAddress;
  /**
   * Loses the sessions of a pool's engines: the scheduler gets 202, but nothing runs, and no failure record is sent.
   */
  loseSessions(pool: string): Promise<Restore>;
  /** Limits a pool to one invocation at a time. */
  throttle(pool: string): Promise<Restore>;
  /** Interval of the sweep's rule in milliseconds, if it is shorter than a minute. */
  ruleEveryMs?: number;
  /** Expects the invariants of the cluster's tables, where tests can read them. */
  expectSound?(): Promise<void>;
  /** Ends everything that `start` started, and nothing else. */
  stop(): Promise<void>;
}

/** One kind of cloud. */
export interface ContractTarget {
  name: string;
  /**
   * Returns why it is unavailable here; undefined if it is available. The whole suite is then skipped with this reason.
   */
  missing(): Promise<string | undefined>;
  /** Starts it, deploys the cluster, and waits until it answers. */
  start(): Promise<ContractCloud>;
  /** Whether it enforces the policies of functions' roles, so that they can do nothing else. */
  enforcesPolicies: boolean;
  /** Factor by which a test may take longer than on the embedded cloud. Default 1. */
  patience?: number;
}
