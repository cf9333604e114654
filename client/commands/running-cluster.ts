import { linkSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { basename, join } from "node:path";
import * as v from "valibot";
import {
  type Connection,
  connectionFile,
  fantailHome,
  ownerIsAlive,
  readConnection,
} from "../connection/connection.ts";

/** Maximum wait for a cluster's answer to a ping, in milliseconds. */
const PING_MS = 2_000;

/** A profile's connection file, and whether its cluster is running. */
export interface KnownCluster {
  profile: string;
  file: string;
  connection: Connection;
  running: boolean;
}

/** Returns the cluster of a profile; undefined if the profile has no readable connection file. */
export async function knownCluster(profile: string): Promise<KnownCluster | undefined> {
  const file = connectionFile(profile);
  try {
    const connection = await readConnection(file);
    return { profile, file, connection, running: await isRunning(connection) };
  } catch {
    return undefined;
  }
}

/** Returns the clusters of all profiles with a connection file, sorted by name. */
export async function knownClusters(): Promise<KnownCluster[]> {
  let names: string[] = [];
  try {
    names = readdirSync(fantailHome()).filter((name) => name.endsWith(".json"));
  } catch {
    // No cluster was ever started here.
  }
  const clusters = await Promise.all(names.sort().map((name) => knownCluster(basename(name, ".json"))));
  return clusters.filter((cluster) => cluster !== undefined);
}

/**
 * Writes a profile's connection file atomically, readable by its owner only.
 *
 * @returns false if another cluster wrote it first
 */
export function writeConnectionFile(profile: string, connection: Connection): boolean {
  const file = connectionFile(profile);
  mkdirSync(fantailHome(), { recursive: true, mode: 0o700 });
  const passing = join(fantailHome(), `.${profile}.${process.pid}`);
  writeFileSync(passing, `${JSON.stringify({ ...connection, profile, pid: process.pid }, undefined, 2)}\n`, {
    mode: 0o600,
  });
  try {
    // Unlike `rename`, `link` fails if the file exists.
    linkSync(passing, file);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(passing, { force: true });
  }
}

const Owned = v.pipe(v.string(), v.parseJson(), v.looseObject({ pid: v.optional(v.unknown()) }));

/** Removes a profile's connection file if it belongs to the cluster owned by process `pid`. */
export function removeConnectionFile(profile: string, pid: number | undefined): void {
  const file = connectionFile(profile);
  try {
    const { pid: written } = v.parse(Owned, readFileSync(file, "utf8"));
    if (written === pid) rmSync(file, { force: true });
  } catch {
    // Another process has already removed the file, or the file is damaged.
  }
}

/**
 * Whether the cluster answers. The process id of its owner is not enough, because another program may have that id by
 * now.
 */
async function isRunning(connection: Connection): Promise<boolean> {
  const { endpoints, credentials, scheduler } = connection;
  if (!ownerIsAlive(connection) || !endpoints || !credentials) return false;
  return new Promise((resolve) => {
    const call = request(`${endpoints.lambda}/2015-03-31/functions/${scheduler}/invocations`, {
      method: "POST",
      timeout: PING_MS,
      headers: {
        authorization: `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/`,
        "x-amz-invocation-type": "DryRun",
      },
    });
    call.on("response", (response) => {
      response.resume();
      resolve(response.statusCode === 204);
    });
    call.on("timeout", () => call.destroy());
    call.on("error", () => resolve(false));
    call.end("{}");
  });
}
