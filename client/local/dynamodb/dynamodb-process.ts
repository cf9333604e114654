import { isMainThread } from "node:worker_threads";
import { ClusterError } from "../../../lambdas/protocol/errors.ts";
import { invariant } from "../../../lambdas/protocol/invariant.ts";
import { LatencyModel } from "../latency/latency-model.ts";
import type { LatencyChoice } from "../latency/latency-option.ts";
import { type Serving, serveOwner } from "../processes/call-channel.ts";
import { endWithOwner } from "../processes/end-with-owner.ts";
import type { Principal } from "../requests/access.ts";
import { CallLog, type RecordedCall } from "../requests/call-log.ts";
import { type Traffic, TrafficMeter } from "../requests/meter.ts";
import { type AccessVerbs, accessVerbs, Principals } from "../requests/principals.ts";
import { listenOnLoopback } from "../requests/request-guard.ts";
import type { TableSpec } from "../stack/deployment.ts";
import type { DynaliteStore } from "./dynalite-store.ts";
import { DynamoDbEndpoint } from "./dynamodb-endpoint.ts";
import { DynamoDbFaults } from "./dynamodb-faults.ts";
import { openStore } from "./open-store.ts";

/**
 * This module runs DynamoDB, in a process or in a thread of the cloud's process. In a process of its own, it closes the
 * tables when the cloud's process is killed, and then kills the cloud's remaining processes.
 */

/** Argument of the verb `open`. */
export interface DynamoDbStart {
  tables: TableSpec[];
  principals: Principal[];
  /** Folder for the data; undefined: memory. */
  path: string | undefined;
  latency: LatencyChoice | undefined;
  /** Whether to record calls. */
  recordsCalls: boolean;
  /** The cloud's process group and its temporary folder. */
  group: number;
  folder: string;
}

// Rows hold arguments and results, which no other user of this machine may read. A thread writes no files, so its umask
// is left alone.
if (isMainThread) process.umask(0o077);

const meter = new TrafficMeter();
const faults = new DynamoDbFaults();
const calls = new CallLog();
let port = 0;
let started: { store: DynaliteStore; start: DynamoDbStart; principals: Principals } | undefined;

async function open(start: DynamoDbStart): Promise<void> {
  const store = await openStore(start.path);
  const principals = new Principals(start.principals);
  started = { store, start, principals };
  for (const table of start.tables) await createTable(store, table);
  const endpoint = new DynamoDbEndpoint({
    store,
    tables: start.tables,
    principals,
    meter,
    faults,
    port: () => port,
    latency: start.latency && new LatencyModel(start.latency),
    calls: start.recordsCalls ? calls : undefined,
  });
  store.server.on("request", (request, response) => endpoint.receive(request, response));
  // Keep idle connections open. If one were closed just before its next request, the caller would have to retry.
  store.server.keepAliveTimeout = 0;
}

async function listen(at: number): Promise<number> {
  invariant(started, "the tables are not open");
  port = at;
  port = await listenOnLoopback(started.store.server, at);
  return port;
}

/** Creates a table. An existing table is kept, with its rows. */
async function createTable(store: DynaliteStore, { name, definition }: TableSpec): Promise<void> {
  const { status, body } = await store.call("CreateTable", { TableName: name, ...definition });
  if (status !== 200 && !body.includes("ResourceInUseException"))
    throw new ClusterError(`the table ${name} could not be created: ${body}`);
  for (;;) {
    const described = await store.call("DescribeTable", { TableName: name });
    if (described.body.includes('"TableStatus":"ACTIVE"')) return;
  }
}

/** The verbs that DynamoDB serves to the cloud. */
export type DynamoDbVerbs = AccessVerbs & {
  /** Opens the data and creates the missing tables. */
  open(start: DynamoDbStart): void;
  /** Starts the endpoint at this port; 0 means any free port. Returns the port. */
  listen(port: number): number;
  meter(): Record<string, Traffic>;
  resetMeter(): void;
  calls(): RecordedCall[];
  throttle: DynamoDbFaults["throttle"];
  leaveUnprocessed: DynamoDbFaults["leaveUnprocessed"];
  close(): void;
};

const verbs: Serving<DynamoDbVerbs> = {
  open,
  listen,
  ...accessVerbs(() => started?.principals),
  meter: () => meter.read(),
  resetMeter: () => {
    meter.reset();
    calls.reset();
  },
  calls: () => calls.read(),
  throttle: (requests) => faults.throttle(requests),
  leaveUnprocessed: (batches) => faults.leaveUnprocessed(batches),
  close: () => started?.store.close(),
};
serveOwner(verbs);
if (isMainThread)
  endWithOwner(() => ({
    close: async () => started?.start.path && started.store.close(),
    group: started?.start.group ?? process.pid,
    folder: started?.start.folder,
  }));
