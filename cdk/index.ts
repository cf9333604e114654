/** `fantail-lambda/cdk`: the cluster as a construct and as a stack. */
export type { EnginePool, OwnScheme } from "../lambdas/protocol/cluster-settings.ts";
export { InvalidFlag } from "../lambdas/protocol/errors.ts";
export type { SchemeName } from "../lambdas/protocol/flags.ts";
export { Fantail } from "./fantail.ts";
export type { FantailProps } from "./fantail-props.ts";
export { FantailStack, type FantailStackProps } from "./fantail-stack.ts";
export type { ClusterMonitoring, Monitoring } from "./monitoring.ts";
export type { PoolNetwork } from "./pool-network.ts";
