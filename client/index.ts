/** `fantail-lambda`: the client. */

import { deployed } from "../lambdas/authoring/deployed.ts";
import { registerClass } from "../lambdas/authoring/register-class.ts";
import * as errors from "../lambdas/protocol/error-classes.ts";
import { Reference } from "../lambdas/protocol/reference.ts";
import { registerOwnExports } from "./shipping/values/own-exports.ts";

export { deployed, type FunctionsOf } from "../lambdas/authoring/deployed.ts";
export { registerClass } from "../lambdas/authoring/register-class.ts";
export type { EnginePool, OwnScheme } from "../lambdas/protocol/cluster-settings.ts";
export {
  BudgetExceeded,
  CaptureError,
  ClusterError,
  CodecError,
  CodeShippingOff,
  CompositeError,
  EngineError,
  FantailError,
  ImpossibleDependency,
  InvalidDependency,
  InvalidFlag,
  InvalidId,
  InvalidQuery,
  NameError,
  NoCluster,
  NoEnginesRegistered,
  NotFinished,
  NotReady,
  PayloadTooLarge,
  Refused,
  RemoteError,
  ResultTimeout,
  RunTimeout,
  TaskAborted,
  TaskTimeout,
  UnknownFunction,
  UnknownTask,
  UnmetDependency,
  UnreadableRow,
  ValueLost,
} from "../lambdas/protocol/error-classes.ts";
export type { SchemeName } from "../lambdas/protocol/flags.ts";
export { Reference } from "../lambdas/protocol/reference.ts";
export { Client } from "./client.ts";
export type { ClientEvents } from "./client-events.ts";
export type { ClusterAddress, ConnectOptions } from "./cluster/find-cluster.ts";
export type { LocalOptions } from "./cluster/local-cluster.ts";
export { type Dep, Dependency } from "./flags/dependency.ts";
export type { Backoff, Flags } from "./flags/flags.ts";
export type { WaitOptions } from "./flags/wait-options.ts";
export type { TaskQuery } from "./history/db-query.ts";
export type { AbortReport } from "./outcomes/abort-report.ts";
export { AsyncResult } from "./results/async-result.ts";
export type { Tasks } from "./results/named-tasks.ts";
export type { AttemptMetadata, TaskMetadata } from "./results/result-metadata.ts";
export type { ReturnWhen } from "./results/return-when.ts";
export { explain } from "./shipping/explain.ts";
export type { ResubmitFlags } from "./submit/resubmit.ts";
export { type DirectFlags, DirectView } from "./views/direct-view.ts";
export { depend, dependent, requires } from "./views/requires.ts";
export { LoadBalancedView } from "./views/view.ts";

// In a function sent to an engine, each of these is the engine's own copy, so that errors keep their class.
registerOwnExports({ ...errors, Reference, deployed, registerClass });
