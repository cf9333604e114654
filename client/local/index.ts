/** `fantail-lambda/local`: the embedded cloud. */
export type { EnginePool, OwnScheme } from "../../lambdas/protocol/cluster-settings.ts";
export type { Connection } from "../connection/connection.ts";
export { type Cloud, type CloudOptions, startCloud } from "./cloud.ts";
export type { CloudAccess } from "./cloud-access.ts";
export type { CloudFaults, FunctionLabel } from "./cloud-faults.ts";
export type { EnvironmentInfo } from "./cloud-verbs.ts";
export type { AskedAccess, Condition, Grantee, Statement } from "./requests/access.ts";
export type { Invocations, Meter, Service, Traffic } from "./requests/meter.ts";
export type { CloudTuning } from "./start-cloud.ts";
