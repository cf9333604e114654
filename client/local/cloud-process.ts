import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ClusterError } from "../../lambdas/protocol/errors.ts";
import type { Connection } from "../connection/connection.ts";
import { type CloudVerbs, cloudVerbs } from "./cloud-verbs.ts";
import { openDataFolder } from "./data-folder.ts";
import { makeCloudFolder, removeForsakenFolders } from "./folders/cloud-folder.ts";
import { noteOwner } from "./folders/data-owner.ts";
import { type Serving, serveOwner } from "./processes/call-channel.ts";
import { endGroup, endWithOwner } from "./processes/end-with-owner.ts";
import { optimizeLater } from "./processes/optimize-later.ts";
import { becauseOfSystem, LAST_WORDS } from "./processes/system-failure.ts";
import { type CloudStart, type RunningCloud, startCloudHere } from "./start-cloud.ts";

/** Runs a cloud in a process of its own, where a busy owner cannot stall it. The process ends when its owner does. */

/** How to reach a cluster of the cloud. */
interface StartedCluster {
  connection: Connection;
  /**
   * File with the connection, for `Client.connect({ urlFile })` in any process of the same user. Removed when the cloud
   * ends.
   */
  urlFile: string;
}

/**
 * A started cloud, as reported to its owner. The inherited fields describe the cluster; with tenants, the first
 * tenant's.
 */
export interface StartedCloud extends StartedCluster {
  /** The clusters of a stack with tenants, by tenant. */
  tenants: Record<string, StartedCluster>;
  /** The stack's outputs. */
  outputs: Record<string, string>;
  /** Messages to show the user about this machine and this cloud. */
  notices: string[];
}

let folder: string | undefined;
let cloud: RunningCloud | undefined;
let isClosing = false;

/** The verbs that the process of a cloud serves to its owner. */
export type CloudProcessVerbs = CloudVerbs & {
  start(start: CloudStart): StartedCloud;
  close(): void;
};

const verbs: Partial<Serving<CloudVerbs>> & Serving<Pick<CloudProcessVerbs, "start" | "close">> = {
  start: async (argument) => {
    try {
      return await start(argument);
    } catch (error) {
      throw becauseOfSystem(error, "the embedded cluster could not be started", "set TMPDIR to use another folder");
    }
  },
  close: () => setImmediate(() => process.disconnect()) && undefined,
};
optimizeLater();
serveOwner(verbs);
endWithOwner(() => ({ close, group: process.pid, folder }));

async function start(start: CloudStart): Promise<StartedCloud> {
  const { dataDir } = start;
  removeForsakenFolders();
  const notices = dataDir === undefined ? [] : openDataFolder(dataDir);
  folder = makeCloudFolder();
  cloud = await startCloudHere(start, folder);
  if (dataDir !== undefined) noteOwner(dataDir, process.ppid);
  Object.assign(verbs, cloudVerbs(cloud));
  void cloud.dynamodb.ended.then(giveUp);
  return { ...started(cloud, folder), notices: [...notices, ...cloud.notices] };
}

async function close(): Promise<void> {
  if (!cloud) return;
  isClosing = true;
  cloud.rules.close();
  cloud.service.close();
  cloud.s3.server.close();
  cloud.s3.server.closeAllConnections();
  await cloud.dynamodb.close();
}

function started({ connections, outputs }: RunningCloud, into: string): Omit<StartedCloud, "notices"> {
  const [first, ...others] = connections;
  const cluster = publish(first, into);
  const clusters = [cluster, ...others.map((connection) => publish(connection, into))];
  const tenants = clusters.flatMap((one) =>
    one.connection.tenant === undefined ? [] : [[one.connection.tenant, one]],
  );
  return { ...cluster, tenants: Object.fromEntries(tenants), outputs };
}

/** Writes a cluster's connection file, which only this user can read. The file is removed when the cloud ends. */
function publish({ ...connection }: Connection, into: string): StartedCluster {
  connection.pid = process.ppid;
  const { tenant } = connection;
  const urlFile = join(into, tenant === undefined ? "connection.json" : `connection.${tenant}.json`);
  writeFileSync(urlFile, `${JSON.stringify(connection, undefined, 2)}\n`, { mode: 0o600 });
  return { connection, urlFile };
}

/** Ends the cloud, with the reason on stderr, because it cannot work without its tables. */
function giveUp(why: ClusterError): void {
  if (isClosing) return;
  process.stderr.write(`${LAST_WORDS}${why.message}\n`);
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  endGroup(process.pid);
  process.exit(1);
}
