import type { LatencyChoice } from "../latency/latency-option.ts";
import { startOwnProcess, startOwnThread } from "../processes/own-process.ts";
import type { Principal } from "../requests/access.ts";
import type { EndpointOptions } from "../requests/endpoint-options.ts";
import type { TableSpec } from "../stack/deployment.ts";
import type { DynamoDbVerbs } from "./dynamodb-process.ts";
import { RestartingDynamoDb } from "./restarting-dynamodb.ts";

interface StartTablesParts extends Pick<EndpointOptions, "calls"> {
  tables: TableSpec[];
  /** Folder for the data; undefined: memory. */
  tablesFolder: string | undefined;
  callers: Principal[];
  /** The cloud's temporary folder, which DynamoDB's process removes if the cloud's process is killed. */
  folder: string;
  latencyChoice: LatencyChoice | undefined;
}

const MODULE = "client/local/dynamodb/dynamodb-process";
const NAME = "the embedded DynamoDB";

/**
 * Starts DynamoDB, which then loads while the cloud reads its template. If the tables are in memory, it is a thread,
 * which takes 45 MB less memory than a process. Otherwise it is a process, which still closes the tables if the cloud's
 * process is killed, and is restarted with them if it ends.
 */
export function startDynamoDb({ tablesFolder }: Pick<StartTablesParts, "tablesFolder">): RestartingDynamoDb {
  return tablesFolder === undefined
    ? new RestartingDynamoDb({ launch: () => startOwnThread<DynamoDbVerbs>(MODULE, NAME), keepsTables: false })
    : new RestartingDynamoDb({ launch: () => startOwnProcess<DynamoDbVerbs>(MODULE, NAME).channel, keepsTables: true });
}

/** Creates the tables that do not exist yet, and starts DynamoDB's endpoint. Resolves to its port. */
export function startTables(dynamodb: RestartingDynamoDb, parts: StartTablesParts): Promise<number> {
  const { tables, tablesFolder: path, callers: principals, folder, latencyChoice: latency, calls } = parts;
  return dynamodb.start({
    tables,
    path,
    principals,
    latency,
    recordsCalls: calls !== undefined,
    group: process.pid,
    folder,
  });
}
