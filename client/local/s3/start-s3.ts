import type { Server } from "node:http";
import type { EndpointOptions } from "../requests/endpoint-options.ts";
import { TrafficMeter } from "../requests/meter.ts";
import type { Principals } from "../requests/principals.ts";
import { listenOnLoopback } from "../requests/request-guard.ts";
import { S3Endpoint } from "./s3-endpoint.ts";
import { ObjectStore } from "./store/object-store.ts";

export interface StartS3Parts extends EndpointOptions {
  /** Folder of the objects. */
  blobsFolder: string;
  /** Names of the buckets. */
  buckets: readonly string[];
  principals: Principals;
}

export interface StartedS3 {
  port: number;
  meter: TrafficMeter;
  server: Server;
}

/**
 * Opens the objects in the folder, creates the missing buckets, and starts S3's endpoint.
 *
 * @throws ClusterError if the folder cannot be used
 */
export async function startS3(parts: StartS3Parts): Promise<StartedS3> {
  const { blobsFolder, buckets, principals, latency, calls } = parts;
  const store = await ObjectStore.open(blobsFolder, buckets);
  const meter = new TrafficMeter();
  let port = 0;
  const server = new S3Endpoint({ store, principals, meter, port: () => port, latency, calls }).server();
  port = await listenOnLoopback(server);
  return { port, meter, server };
}
