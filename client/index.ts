/** `fantail`: the client. */

import { deployed } from "../lambdas/engine/deployed.ts";
import * as errors from "../lambdas/protocol/errors.ts";
import { Reference } from "../lambdas/protocol/reference.ts";
import { registerClass } from "../lambdas/protocol/register-class.ts";
import { registerOwnExports } from "./shipping/own-exports.ts";

export { deployed, type FunctionsOf } from "../lambdas/engine/deployed.ts";
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
} from "../lambdas/protocol/errors.ts";
export type { HighWaterMark, SchemeName } from "../lambdas/protocol/flags.ts";
export { Reference } from "../lambdas/protocol/reference.ts";
export { type ClassOptions, registerClass } from "../lambdas/protocol/register-class.ts";
export type { ItemOf, PerItem, ResultInfo, TaskSets } from "./async-result.ts";
export { AsyncResult } from "./async-result.ts";
export { Client } from "./client.ts";
export type { ClientEvents } from "./client-events.ts";
export type { QueryOptions, TaskQuery } from "./db-query.ts";
export type { Dep, DependencyOptions, Parent } from "./dependency.ts";
export { Dependency } from "./dependency.ts";
export type { DirectFlags, DirectTargets, Each } from "./direct-view.ts";
export { DirectView } from "./direct-view.ts";
export type { Executor } from "./executor.ts";
export type { ClusterAddress, ConnectOptions } from "./find-cluster.ts";
export type { HistoryRange } from "./hub-history.ts";
export type { LocalOptions } from "./local-cluster.ts";
export type { ResultStatus, Tasks } from "./named-tasks.ts";
export type { OutputTargets } from "./output-printer.ts";
export type { Joined, ParallelFunction } from "./parallel-function.ts";
export type { ProgressOutput } from "./progress-bar.ts";
export type { FieldQuery, Operand } from "./query-match.ts";
export { type Decorator, depend, dependent, type Requirement, requires } from "./requires.ts";
export type { ResubmitFlags } from "./resubmit.ts";
export type { ByEngine } from "./result-engines.ts";
export type { AttemptMetadata, TaskMetadata } from "./result-metadata.ts";
export type { TimelineBar } from "./result-timeline.ts";
export type { TaskTime, TimePick, TimeSpan } from "./result-times.ts";
export { explain } from "./shipping/explain.ts";
export type { Input } from "./view.ts";
export { LoadBalancedView } from "./view.ts";
export type { Backoff, Flags } from "./view-flags.ts";
export type { ReturnWhen, WaitOptions } from "./wait-options.ts";

// A shipped function that throws one of these throws the engine's own.
registerOwnExports({ ...errors, Reference, deployed, registerClass });
