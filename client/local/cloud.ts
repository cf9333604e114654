/// <reference lib="esnext.disposable" preserve="true" />
import { resolve } from "node:path";
import type { EnginePool, OwnScheme } from "../../lambdas/protocol/cluster-settings.ts";
import { parseClusterSettings } from "../../lambdas/protocol/cluster-settings.ts";
import { type ClusterError, InvalidFlag } from "../../lambdas/protocol/errors.ts";
import type { SchemeName } from "../../lambdas/protocol/flags.ts";
import type { MinLogLevel } from "../../lambdas/protocol/log-events.ts";
import { CloudAccess } from "./cloud-access.ts";
import { CloudFaults } from "./cloud-faults.ts";
import type { CloudProcessVerbs, StartedCloud } from "./cloud-process.ts";
import { removeForsakenFolders } from "./folders/cloud-folder.ts";
import { functionsPath } from "./folders/functions-path.ts";
import { type LatencyOption, parseLatency } from "./latency/latency-option.ts";
import { endGroup } from "./processes/end-with-owner.ts";
import { startOwnProcess } from "./processes/own-process.ts";
import type { RecordedCall } from "./requests/call-log.ts";
import type { Meter } from "./requests/meter.ts";
import type { CloudStart, CloudTuning } from "./start-cloud.ts";

const MODULE = "client/local/cloud-process";
const NAME = "the embedded cluster";
/** How long a cloud may take to close before it is killed. */
const CLOSE_MS = 6_000;

/**
 * Options of `startCloud`.
 *
 * @example
 * const options: CloudOptions = { pools: [{ name: "default", count: 4 }], scheme: "lru", dataDir: ".cloud" };
 * await using cloud = await startCloud(options);
 */
export interface CloudOptions {
  /** The engine pools; required unless `template` is given. Default: none. */
  pools?: EnginePool[] | undefined;
  /**
   * Template of your own stack that contains a `Fantail`, as written by `cdk synth` with its assets beside it:
   * `cdk.out/My.template.json`. It replaces `pools` and the other settings of the cluster, which must be absent then.
   * Your own functions in the stack run too, each under its role. Default: none; the cluster is made from `pools`.
   */
  template?: string | undefined;
  /** How tasks are placed on engines. Default: `leastload`. */
  scheme?: SchemeName | OwnScheme | undefined;
  /**
   * High-water mark: the maximum number of tasks that an engine may hold, 0 for no limit. Default: `adaptive`, which
   * depends on how long tasks take.
   */
  hwm?: number | "adaptive" | undefined;
  /** Creates a separate cluster for each of these tenants, as `FantailStack` does. Default: one cluster, no tenants. */
  tenants?: string[] | undefined;
  /** Module whose exported functions are bundled into the engines, as a path or `file:` URL. Default: none. */
  functions?: string | undefined;
  /** Whether clients may send functions of their own. Default: true. */
  codeShipping?: boolean | undefined;
  /** The lowest level that functions log: `warn` or `info`. Default: `warn`. */
  logLevel?: MinLogLevel | undefined;
  /** Folder for tables, blobs and logs that should outlive the cloud. Default: none; the data is deleted on close. */
  dataDir?: string | undefined;
  /** Folder for function logs, used if `dataDir` is not set. Default: the most recent output is kept in memory. */
  logDir?: string | undefined;
  /**
   * Delays every call as long as AWS would, by random draws from published measurements. The seed of the draws is 1 for
   * `"aws"`; give another with `{ model: "aws", seed }`. Default: no added delays.
   */
  latency?: LatencyOption | undefined;
  /** Closes the cloud when the signal is aborted, even during startup. Default: none. */
  signal?: AbortSignal | undefined;
  /** Overrides AWS's delays and limits, for tests. Default: none. */
  tuning?: CloudTuning | undefined;
}

/**
 * An embedded cloud in its own processes. It runs the template that `cdk deploy` would deploy, on emulated Lambda,
 * DynamoDB, S3 and EventBridge. It ends when closed, or when the process that started it ends for any reason.
 */
export interface Cloud extends StartedCloud {
  faults: CloudFaults;
  access: CloudAccess;
  /** Returns the calls, capacity, bytes and invocations since the start or the last `resetMeter()`. */
  meter(): Promise<Meter>;
  /** Returns the calls since the start or the last `resetMeter()`; none unless `tuning.recordCalls` is set. */
  calls(): Promise<RecordedCall[]>;
  /** Sets all counts of `meter()` to 0 and forgets the recorded calls. */
  resetMeter(): Promise<void>;
  /** Returns the stack's EventBridge rules and whether each is currently enabled. */
  rules(): Promise<{ name: string; arn: string; isEnabled: boolean }[]>;
  /**
   * Returns recent function output (stdout and stderr) and invocation errors, of all functions or of those with this
   * label.
   */
  logs(label?: string): Promise<string>;
  /**
   * Invokes a function of the stack by name and waits for its result. Access is not checked.
   *
   * @throws ClusterError with the error that the function threw, or the reason why it could not run
   */
  invoke(functionName: string, event?: unknown): Promise<unknown>;
  /**
   * Resolves when the cloud's process has ended: with the reason, or with undefined if it was closed. Does not keep
   * this process alive.
   */
  ended: Promise<ClusterError | undefined>;
  /** Ends every process of the cloud. Data in `dataDir` is kept. */
  close(): Promise<void>;
  /** Calls `close()` at the end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Starts an embedded cloud. Takes about a second. The first start takes longer if modules of a pool must be installed.
 * In a checkout whose sources have changed, the CDK first synthesizes the stack, which takes a few seconds.
 *
 * @throws InvalidFlag for settings that the construct would reject, or a `latency` that is not known
 * @throws ClusterError if the cloud cannot start, for example because its template has unsupported resources
 * @example
 * await using cloud = await startCloud({ pools: [{ name: "default", count: 4 }] });
 * const client = await Client.connect({ urlFile: cloud.urlFile });
 */
export async function startCloud(options: CloudOptions): Promise<Cloud> {
  const { template, pools, scheme, hwm, codeShipping, logLevel, tenants, dataDir, logDir, signal, tuning } = options;
  const kept = { dataDir, logDir, tuning, latency: parseLatency(options.latency) };
  if (template !== undefined) {
    const others = { pools, scheme, hwm, functions: options.functions, codeShipping, logLevel, tenants };
    const conflict = Object.entries(others).find(([, value]) => value !== undefined);
    if (conflict) throw new InvalidFlag(conflict[0], "cannot be combined with `template`, which already sets it");
    return startCloudOf({ stack: { template: resolve(template) }, ...kept }, signal);
  }
  const functions = options.functions === undefined ? undefined : functionsPath(options.functions);
  const settings = parseClusterSettings({ engines: pools, scheme, hwm, functions, codeShipping, logLevel, tenants });
  return startCloudOf({ stack: { settings }, ...kept }, signal);
}

/** Starts a cloud for any stack, from settings or from a template. */
export async function startCloudOf(start: CloudStart, signal?: AbortSignal): Promise<Cloud> {
  signal?.throwIfAborted();
  const { child, channel } = startOwnProcess<CloudProcessVerbs>(MODULE, NAME, {
    leadsGroup: true,
  });
  let isClosed = false;
  const ended = channel.ended.then((why) => {
    if (isClosed) return undefined;
    // With `dataDir`, the process that holds the tables closes them and then ends the cloud's other processes.
    if (start.dataDir === undefined && child.pid !== undefined) removeRemains(child.pid);
    return why;
  });
  const close = async () => {
    isClosed = true;
    channel.expectEnd();
    signal?.removeEventListener("abort", close);
    child.ref();
    const killer = setTimeout(() => child.pid !== undefined && endGroup(child.pid), CLOSE_MS);
    channel.call("close").catch(() => {});
    await ended;
    clearTimeout(killer);
  };
  signal?.addEventListener("abort", close, { once: true });
  try {
    const started = await channel.call("start", start);
    for (const notice of started.notices) process.stderr.write(`fantail: ${notice}\n`);
    return {
      ...started,
      faults: new CloudFaults(channel),
      access: new CloudAccess(channel),
      meter: () => channel.call("meter"),
      calls: () => channel.call("calls"),
      resetMeter: async () => {
        await channel.call("resetMeter");
      },
      rules: () => channel.call("rules"),
      invoke: (functionName, event) => channel.call("invoke", { functionName, event }),
      logs: (label) => channel.call("logs", label),
      ended,
      close,
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    signal?.throwIfAborted();
    throw error;
  }
}

/** Ends the remaining processes of a cloud whose own process was killed, and removes its folder. */
function removeRemains(pid: number): void {
  endGroup(pid);
  removeForsakenFolders();
}
