import { type EnginePool, type OwnScheme, parseClusterSettings } from "../../lambdas/protocol/cluster-settings.ts";
import { InvalidFlag } from "../../lambdas/protocol/errors.ts";
import { FantailError } from "../../lambdas/protocol/fantail-error.ts";
import type { SchemeName } from "../../lambdas/protocol/flags.ts";
import type { MinLogLevel } from "../../lambdas/protocol/log-events.ts";
import { unknownName } from "../../lambdas/protocol/setting-fault.ts";
import type { LatencyOption } from "../local/latency/latency-option.ts";
import { requireNode } from "../runtime/node-only.ts";
import { ClusterEnded } from "./cluster-ended.ts";
import type { FoundCluster } from "./find-cluster.ts";
import { checkReportUnawaited } from "./report-unawaited.ts";

/**
 * Options of an embedded cluster.
 *
 * @example
 * const options: LocalOptions = { engines: 8, scheme: "lru", hwm: 1 };
 * await using client = await Client.local(options);
 */
export interface LocalOptions {
  /** Number of engines, or a list of pools. Default 4. */
  engines?: number | EnginePool[] | undefined;
  /** Placement scheme. Default `leastload`. */
  scheme?: SchemeName | OwnScheme | undefined;
  /**
   * High-water mark: the maximum number of tasks that an engine may hold, 0 for no limit. Default `adaptive`: depends
   * on how long tasks take.
   */
  hwm?: number | "adaptive" | undefined;
  /**
   * Module whose exported functions are bundled into the engines, by path or `file:` URL; call them by name with
   * `deployed`. Default: none. Starting takes some seconds longer with a module, because it is bundled each time.
   */
  functions?: string | undefined;
  /** Whether clients may send functions of their own. If false, only functions from `functions` run. Default true. */
  codeShipping?: boolean | undefined;
  /** The lowest level that functions log: `warn`, or `info` for a line about each job and each report too. Default `warn`. */
  logLevel?: MinLogLevel | undefined;
  /**
   * Delays every call as AWS would, by draws from published measurements: `"aws"`, or `{ model: "aws", seed }` for other
   * draws. Default: none; calls take what this machine needs for them.
   */
  latency?: LatencyOption | undefined;
  /** Folder for tables, blobs and logs that should outlive the cluster. Default: they are deleted with the cluster. */
  dataDir?: string | undefined;
  /** Whether `close()` writes a line to stderr about failed tasks whose results nobody awaited. Default true. */
  reportUnawaited?: boolean | undefined;
}

const OPTIONS = [
  "engines",
  "scheme",
  "hwm",
  "functions",
  "codeShipping",
  "logLevel",
  "latency",
  "dataDir",
  "reportUnawaited",
] as const;

export interface LocalCluster extends FoundCluster {
  /** Resolves when the cluster has ended: to the reason, or to undefined if it was closed. */
  ended: Promise<ClusterEnded | undefined>;
  /** Shuts the cluster down. */
  close: () => Promise<void>;
}

/**
 * Starts a cluster that ends with this process. Until then, other processes can connect to it.
 *
 * @throws InvalidFlag, which names the invalid option, before anything is started
 * @throws FantailError under Bun and Deno
 */
export async function startLocalCluster(options: LocalOptions): Promise<LocalCluster> {
  requireNode("Client.local", "start a cluster with `fantail start` and use Client.connect()");
  const { engines = 4, latency, dataDir, reportUnawaited, ...others } = options;
  const { scheme, hwm, functions, codeShipping, logLevel, ...unknown } = others;
  const [stranger] = Object.keys(unknown);
  if (stranger !== undefined) throw new InvalidFlag(stranger, unknownName(stranger, OPTIONS));
  if (typeof engines === "number" && !(Number.isInteger(engines) && engines > 0)) {
    throw new InvalidFlag("engines", `must be a whole number, 1 or more, or a list of pools, not ${engines}`);
  }
  checkReportUnawaited(reportUnawaited);
  const pools = typeof engines === "number" ? [{ name: "default", count: engines }] : engines;
  parseClusterSettings({ engines: pools, scheme, hwm, functions, codeShipping, logLevel });
  const { startCloud } = await loadEmbeddedCloud();
  const starting = startCloud({ pools, scheme, hwm, functions, codeShipping, logLevel, latency, dataDir });
  // Meanwhile, load the module that the client needs next. If loading fails, the client reports the error when it loads
  // the module itself.
  void import("./aws-cloud.ts").catch(() => {});
  const cloud = await starting;
  const { connection, urlFile } = cloud;
  const endpoint = connection.endpoints?.lambda;
  const address = { urlFile, ...(endpoint === undefined ? {} : { endpoint }) };
  const ended = cloud.ended.then((why) => why && endedByItself(why, dataDir));
  return { connection, address, ended, close: () => cloud.close() };
}

function endedByItself(why: Error, dataDir: string | undefined): ClusterEnded {
  const remedy =
    dataDir === undefined
      ? "Start another with Client.local(), and submit again; tasks and results outlive a cluster only with dataDir"
      : `Its data is in ${dataDir}: start it again with Client.local({ dataDir })`;
  return new ClusterEnded(`${why.message}. ${remedy}`, { cause: why });
}

/**
 * Loads the embedded cloud on demand, because a client of a deployed cluster needs no emulators. The module's name is
 * assembled at run time, so that a bundler does not put the emulators into a bundle with a client, such as a Lambda
 * function's.
 *
 * @throws FantailError inside such a bundle
 */
async function loadEmbeddedCloud(): Promise<typeof import("../local/index.ts")> {
  // `import.meta.url` is undefined in a CommonJS bundle.
  const here: string | undefined = import.meta.url;
  try {
    const extension = here?.slice(here.lastIndexOf("."));
    return await import(new URL(`../local/index${extension}`, here).href);
  } catch (error) {
    throw new FantailError(
      "Client.local could not load the embedded cloud: install fantail-lambda, and if you bundle your code, leave it out of the bundle, for example with esbuild's --external:fantail-lambda",
      { cause: error },
    );
  }
}
