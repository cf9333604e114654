import type { Scheme } from "../../core/placing/scheme.ts";
import type { CodeRules } from "../../protocol/code-rules.ts";
import type { HighWaterMark, SchemeName } from "../../protocol/flags.ts";

/** A pool as deployed. */
export interface Pool {
  name: string;
  count: number;
  memoryMb: number;
  timeoutSeconds: number;
  /** CPU architecture of the pool's engines; absent: `arm64`. */
  architecture?: "x86_64" | undefined;
  /** The Lambda functions in which the pool's engines run, all identical; at least one. */
  functions: readonly string[];
  /**
   * Changes with the engines' code and modules. Facts learned about the engines, such as missing modules, only hold for
   * one revision.
   */
  revision?: string | undefined;
}

/** The settings fixed at deployment. */
export interface ClusterConfig {
  pools: readonly Pool[];
  scheme: SchemeName | Scheme;
  hwm: HighWaterMark;
  /** Name of the report function, passed to engines. */
  reportFunction: string;
  code: CodeRules & { functions: readonly string[] };
  /** Longest duration of a scheduler invocation, in milliseconds. */
  passMs: number;
}

/** Has the cluster's settings. */
export interface Configured {
  readonly config: ClusterConfig;
}
