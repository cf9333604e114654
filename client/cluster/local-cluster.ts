import { type EnginePool, type OwnScheme, parseClusterSettings } from "../../lambdas/protocol/cluster-settings.ts";
import { FantailError, InvalidFlag } from "../../lambdas/protocol/errors.ts";
import type { SchemeName } from "../../lambdas/protocol/flags.ts";
import { unknownName } from "../../lambdas/protocol/setting-fault.ts";
import { requireNode } from "../node-only.ts";
import { ClusterEnded } from "./cluster-ended.ts";
import type { FoundCluster } from "./find-cluster.ts";
import { checkReportUnawaited } from "./report-unawaited.ts";

/** What an embedded cluster is made of. */
export interface LocalOptions {
  /** How many engines, or pools of them. Default 4. */
  engines?: number | EnginePool[] | undefined;
  /** Default `leastload`. */
  scheme?: SchemeName | OwnScheme | undefined;
  /** Default `adaptive`. */
  hwm?: number | "adaptive" | undefined;
  /**
   * A module whose exported functions are bundled into the engines, by path or `file:` URL: `deployed` calls them by name.
   * With one the cluster takes some seconds longer to start, as it is bundled again each time.
   */
  functions?: string | undefined;
  /** Whether clients may send functions of their own. Without, only those of `functions` run. Default true. */
  codeShipping?: boolean | undefined;
  /** Folder for tables and blobs that outlive the process. Default: everything goes with it. */
  dataDir?: string | undefined;
  /** Whether `close()` writes a line to stderr about tasks that failed and whose results nobody awaited. Default true. */
  reportUnawaited?: boolean | undefined;
}

const OPTIONS = ["engines", "scheme", "hwm", "functions", "codeShipping", "dataDir", "reportUnawaited"] as const;

export interface LocalCluster extends FoundCluster {
  /** Resolves when the cluster is gone: with why, unless it was closed. */
  ended: Promise<ClusterEnded | undefined>;
  /** Ends the cluster. */
  close: () => Promise<void>;
}

/**
 * Starts a cluster that this process owns. Other processes reach it by its address while it lives.
 *
 * @throws InvalidFlag that names what is wrong, before anything is started
 * @throws FantailError under Bun and Deno
 */
export async function startLocalCluster(options: LocalOptions): Promise<LocalCluster> {
  requireNode("Client.local", "start a cluster with `fantail start` and use Client.connect()");
  const { engines = 4, scheme, hwm, functions, codeShipping, dataDir, reportUnawaited, ...unknown } = options;
  const [stranger] = Object.keys(unknown);
  if (stranger !== undefined) throw new InvalidFlag(stranger, unknownName(stranger, OPTIONS));
  if (typeof engines === "number" && !(Number.isInteger(engines) && engines > 0)) {
    throw new InvalidFlag("engines", `must be a whole number, 1 or more, or a list of pools, not ${engines}`);
  }
  checkReportUnawaited(reportUnawaited);
  const pools = typeof engines === "number" ? [{ name: "default", count: engines }] : engines;
  parseClusterSettings({ engines: pools, scheme, hwm, functions, codeShipping });
  const { startCloud } = await loadEmbeddedCloud();
  const cloud = await startCloud({ pools, scheme, hwm, functions, codeShipping, dataDir });
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
      : `What it stored is in ${dataDir}: start it again with Client.local({ dataDir })`;
  return new ClusterEnded(`${why.message}. ${remedy}`, { cause: why });
}

/**
 * Loaded only here: a client of a deployed cluster needs no emulators. By a name that is put together, so that none come along either when a
 * bundler makes one file of such a client, as for a Lambda function.
 *
 * @throws FantailError in such a file
 */
async function loadEmbeddedCloud(): Promise<typeof import("../local/index.ts")> {
  // In a bundle that is CommonJS there is none.
  const here: string | undefined = import.meta.url;
  try {
    const extension = here?.slice(here.lastIndexOf("."));
    return await import(new URL(`../local/index${extension}`, here).href);
  } catch (error) {
    throw new FantailError(
      "Client.local did not find fantail's own programs next to it: install fantail-lambda and leave it out of the bundle, for example with esbuild's --external:fantail-lambda",
      { cause: error },
    );
  }
}
