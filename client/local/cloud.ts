/// <reference lib="esnext.disposable" preserve="true" />
import { resolve } from "node:path";
import type { EnginePool, OwnScheme } from "../../lambdas/protocol/cluster-settings.ts";
import { parseClusterSettings } from "../../lambdas/protocol/cluster-settings.ts";
import { type ClusterError, InvalidFlag } from "../../lambdas/protocol/errors.ts";
import type { SchemeName } from "../../lambdas/protocol/flags.ts";
import { CloudAccess } from "./cloud-access.ts";
import { CloudFaults } from "./cloud-faults.ts";
import type { CloudProcessVerbs, StartedCloud } from "./cloud-process.ts";
import type { Meter } from "./doors/meter.ts";
import { endGroup } from "./end-with-owner.ts";
import { functionsPath } from "./functions-path.ts";
import { startOwnProcess } from "./own-process.ts";
import type { CloudStart, CloudTuning } from "./start-cloud.ts";

/** Longest that a cloud may take to end before it is killed. */
const CLOSE_MS = 6_000;

/** What a cloud is made of. */
export interface CloudOptions {
  /** The engine pools. */
  pools?: EnginePool[] | undefined;
  /**
   * In place of pools and what goes with them: the template of a stack of your own that holds a `Fantail`, as `cdk synth` leaves it
   * with its assets beside it, `cdk.out/My.template.json`. Your functions in it run too, each under its role.
   */
  template?: string | undefined;
  /** Default `leastload`. */
  scheme?: SchemeName | OwnScheme | undefined;
  /** Default `adaptive`. */
  hwm?: number | "adaptive" | undefined;
  /** A cell of its own for each of these tenants, as `FantailStack` makes them. Default: one cluster, without tenants. */
  tenants?: string[] | undefined;
  /** A module whose exported functions are bundled into the engines, by path or `file:` URL. */
  functions?: string | undefined;
  /** Default true: clients may send functions of their own. */
  codeShipping?: boolean | undefined;
  /** Folder for tables, blobs and logs that outlive the cloud. Default: everything goes when it closes. */
  dataDir?: string | undefined;
  /** Folder for the logs of functions where there is no `dataDir`. Default: the last of them is kept in memory. */
  logDir?: string | undefined;
  /** Closes the cloud, also while it starts. */
  signal?: AbortSignal | undefined;
  /** Shorter times, for tests. */
  tuning?: CloudTuning | undefined;
}

/**
 * A cloud of the caller's own, in processes of its own: the template that `cdk deploy` would deploy, on
 * emulated Lambda, DynamoDB and S3. It goes when it is closed and when its owner ends, however that happens.
 */
export interface Cloud extends StartedCloud {
  faults: CloudFaults;
  access: CloudAccess;
  /** Calls, capacity, bytes and invocations since the start or the last reset. */
  meter(): Promise<Meter>;
  /** Sets all counts of `meter()` to 0. */
  resetMeter(): Promise<void>;
  /** The rules of the stack as they stand. */
  rules(): Promise<{ name: string; arn: string; isEnabled: boolean }[]>;
  /** The last of what functions wrote to stdout and stderr, and how their invocations failed; all, or one by its label. */
  logs(label?: string): Promise<string>;
  /**
   * Runs a function of the stack, by its name, and waits, as somebody who may do everything.
   *
   * @throws ClusterError with what it threw, or why it could not run
   */
  invoke(functionName: string, event?: unknown): Promise<unknown>;
  /**
   * Resolves when the cloud's own process is gone, however that happened: with why, unless it was closed. Keeps no process alive by
   * itself.
   */
  ended: Promise<ClusterError | undefined>;
  /** Ends every process. What is in `dataDir` stays. */
  close(): Promise<void>;
  /** As `close()`, at the end of the block of an `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Starts an embedded cloud. Takes about a second; a few more the first time for some settings, as the CDK then describes the stack.
 *
 * @throws InvalidFlag for settings that the construct would refuse; ClusterError for a template with resources that this cloud lacks
 * @example
 * await using cloud = await startCloud({ pools: [{ name: "default", count: 4 }] });
 * const client = await Client.connect({ urlFile: cloud.urlFile });
 */
export async function startCloud(options: CloudOptions): Promise<Cloud> {
  const { template, pools, scheme, hwm, codeShipping, tenants, dataDir, logDir, signal, tuning } = options;
  if (template !== undefined) {
    const others = { pools, scheme, hwm, functions: options.functions, codeShipping, tenants };
    const told = Object.entries(others).find(([, value]) => value !== undefined);
    if (told) throw new InvalidFlag(told[0], "cannot be given with a template, which sets it");
    return startCloudOf({ stack: { template: resolve(template) }, dataDir, logDir, tuning }, signal);
  }
  const functions = options.functions === undefined ? undefined : functionsPath(options.functions);
  const settings = parseClusterSettings({ engines: pools, scheme, hwm, functions, codeShipping, tenants });
  return startCloudOf({ stack: { settings }, dataDir, logDir, tuning }, signal);
}

/** Starts a cloud of any stack. */
export async function startCloudOf(start: CloudStart, signal?: AbortSignal): Promise<Cloud> {
  signal?.throwIfAborted();
  const { child, channel } = startOwnProcess<CloudProcessVerbs>("cloud-process", { leadsGroup: true });
  let isClosed = false;
  const ended = channel.ended.then((why) => (isClosed ? undefined : why));
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
