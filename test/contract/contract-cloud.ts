import type { EnginePool } from "../../cdk/index.ts";
import type { ClusterAddress } from "../../client/cluster/find-cluster.ts";

/**
 * The cluster on which the contract is tried. Every cloud deploys these pools, in this order: engines 0 and 1 take what
 * names no target, 2 has three seconds, 3 to 5 are those whose room a test takes away.
 */
export const CONTRACT_POOLS: EnginePool[] = [
  { name: "default", count: 2, timeoutSeconds: 120 },
  { name: "brief", count: 1, timeoutSeconds: 3 },
  { name: "capped", count: 3, timeoutSeconds: 60 },
];

/** Undoes what a test did to a cloud. */
export type Restore = () => Promise<void>;

/** A cloud that holds the contract's cluster. */
export interface ContractCloud {
  /** How any process reaches the cluster. */
  address: ClusterAddress;
  /** Makes sessions of a pool's engines get lost: the scheduler is told 202, and nothing follows, not even a failure record. */
  loseSessions(pool: string): Promise<Restore>;
  /** Leaves a pool room for one invocation at a time. */
  throttle(pool: string): Promise<Restore>;
  /** How often the one-minute rule fires, in milliseconds, where its minute is shorter. */
  ruleEveryMs?: number;
  /** Ends what `start` started, and nothing else. */
  stop(): Promise<void>;
}

/** One kind of cloud. */
export interface ContractTarget {
  name: string;
  /** Why it cannot be had here; undefined: it can. The whole suite is then skipped, with this as the reason. */
  missing(): Promise<string | undefined>;
  /** Starts it, deploys the cluster, and waits until it answers. */
  start(): Promise<ContractCloud>;
  /** Claims that it lets a function do what its role's policies allow, and nothing else. */
  enforcesPolicies: boolean;
  /** How much longer than on the embedded cloud a test may take. Default 1. */
  patience?: number;
}
