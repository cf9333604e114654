import { createServer } from "node:http";
import { type Serving, serveOwner } from "../processes/call-channel.ts";
import { endWithOwner } from "../processes/end-with-owner.ts";
import type { Principal } from "../requests/access.ts";
import { type Traffic, TrafficMeter } from "../requests/meter.ts";
import { type AccessVerbs, accessVerbs, Principals } from "../requests/principals.ts";
import { listenOnLoopback } from "../requests/request-guard.ts";
import { S3Endpoint } from "./s3-endpoint.ts";
import { S3rverStore } from "./s3rver-store.ts";

/** The process that runs S3. */

/** The cloud's request to start it. */
export interface S3Start {
  buckets: string[];
  principals: Principal[];
  /** Folder of the objects. */
  path: string;
  /** The cloud's process group and its temporary folder. */
  group: number;
  folder: string;
}

// Blobs are arguments and results, which no other user of this machine may read.
process.umask(0o077);

const meter = new TrafficMeter();
let started: S3Start | undefined;
let principals: Principals | undefined;

async function start(start: S3Start): Promise<number> {
  started = start;
  const known = new Principals(start.principals);
  principals = known;
  let port = 0;
  let store: Promise<S3rverStore> | undefined;
  const endpoint = new S3Endpoint({
    // Most runs have no blobs, and loading s3rver takes a third of a second of CPU.
    store: () => {
      store ??= S3rverStore.open(start.path, start.buckets);
      return store;
    },
    principals: known,
    meter,
    port: () => port,
  });
  const server = createServer((request, response) => void endpoint.receive(request, response));
  // Callers keep connections open; closing one under them would cost a retry.
  server.keepAliveTimeout = 0;
  port = await listenOnLoopback(server);
  return port;
}

/** The verbs that it serves to the cloud. */
export type S3Verbs = AccessVerbs & {
  /** Resolves to the port. */
  start(start: S3Start): number;
  meter(): Record<string, Traffic>;
  resetMeter(): void;
};

const verbs: Serving<S3Verbs> = {
  start,
  ...accessVerbs(() => principals),
  meter: () => meter.read(),
  resetMeter: () => meter.reset(),
};
serveOwner(verbs);
// DynamoDB's process closes its data and then kills the whole group, including this process. If it has died itself,
// this process kills the group after the grace period.
endWithOwner(() => ({
  close: () => new Promise(() => {}),
  group: started?.group ?? process.pid,
  folder: started?.folder,
}));
