import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { ClusterSettings } from "../../lambdas/protocol/cluster-settings.ts";
import type { Connection } from "../connection/connection.ts";
import type { RestartingDynamoDb } from "./dynamodb/restarting-dynamodb.ts";
import { startDynamoDb, startTables } from "./dynamodb/start-tables.ts";
import type { EventRules } from "./events/event-rules.ts";
import { startEvents } from "./events/start-events.ts";
import { capacityNotice } from "./lambda/capacity-notice.ts";
import { deployFunctions, unpackFunctions, warmFunctions } from "./lambda/deploy-functions.ts";
import type { BudgetTuning } from "./lambda/environment-budget.ts";
import type { EventDelays } from "./lambda/event-queue.ts";
import type { LambdaFaults } from "./lambda/lambda-faults.ts";
import type { LambdaService } from "./lambda/lambda-service.ts";
import { startLambda } from "./lambda/start-lambda.ts";
import { LatencyModel } from "./latency/latency-model.ts";
import type { LatencyChoice } from "./latency/latency-option.ts";
import type { Statement } from "./requests/access.ts";
import { CallLog } from "./requests/call-log.ts";
import type { TrafficMeter } from "./requests/meter.ts";
import { Principals } from "./requests/principals.ts";
import { resumeCells } from "./resume-cells.ts";
import { type StartedS3, startS3 } from "./s3/start-s3.ts";
import { cellConnections } from "./stack/cell-connections.ts";
import { type Cell, cellsOf, clientStatements } from "./stack/cells.ts";
import type { Deployment } from "./stack/deployment.ts";
import { issueCredentials } from "./stack/issue-credentials.ts";
import { readDeployment } from "./stack/read-deployment.ts";
import { synthesize } from "./stack/synthesize.ts";

/** What the process of a cloud must start. */
export interface CloudStart {
  /**
   * Settings for the construct, or an existing template. `clientMay` replaces the permissions that the construct grants
   * to clients.
   */
  stack: { settings: ClusterSettings } | { template: string; clientMay?: Statement[] | undefined };
  /** Folder for tables, blobs and logs that should outlive the cloud. */
  dataDir?: string | undefined;
  /** Folder for logs if there is no `dataDir`. Default: the most recent output is kept in memory. */
  logDir?: string | undefined;
  tuning?: CloudTuning | undefined;
  /** Latencies to imitate. Default: none. */
  latency?: LatencyChoice | undefined;
}

/**
 * Overrides of AWS's delays and limits, so that tests need not wait for minutes.
 *
 * @example
 * const tuning: CloudTuning = { ruleEveryMs: 100, recordCalls: true };
 * await using cloud = await startCloud({ pools, tuning });
 */
export interface CloudTuning {
  /** Retry delays of asynchronous invocations. Default: Lambda's. */
  eventDelays?: EventDelays | undefined;
  /** Milliseconds between two firings of each EventBridge rule. Default: the rule's own rate. */
  ruleEveryMs?: number | undefined;
  /** Maximum number of concurrent invocations of all functions together. Default: 1,000. */
  accountConcurrency?: number | undefined;
  /** Limits on engine environments. Default: by the machine's free memory. */
  engineEnvironments?: BudgetTuning | undefined;
  /** Whether calls are recorded, for `cloud.calls()`. The records are kept until `resetMeter()`. Default: false. */
  recordCalls?: boolean | undefined;
}

/** A cloud that runs in this process. */
export interface RunningCloud {
  /** The clients' connections, one per cell, in the order of the stack's outputs. */
  connections: [Connection, ...Connection[]];
  outputs: Record<string, string>;
  service: LambdaService;
  principals: Principals;
  meter: TrafficMeter;
  faults: LambdaFaults;
  dynamodb: RestartingDynamoDb;
  s3: StartedS3;
  /** Recorded calls to Lambda, S3 and EventBridge. DynamoDB keeps its own records. */
  calls: CallLog;
  /** Traffic of EventBridge. */
  eventsMeter: TrafficMeter;
  rules: EventRules;
  /** Messages to show the user. */
  notices: string[];
}

/**
 * Starts all services and deploys the functions of the stack. On old data, also resumes the earlier work.
 *
 * @param folder for files that do not outlive the cloud
 */
export async function startCloudHere(start: CloudStart, folder: string): Promise<RunningCloud> {
  const at = Date.now();
  const places = foldersOf(start, folder);
  const dynamodb = startDynamoDb(places);
  const parts = await partsOf(start, places, folder);
  // Open the tables before the blobs: their lock keeps other clouds out of the whole data folder.
  const tablesPort = await startTables(dynamodb, parts);
  const s3 = await startS3(parts);
  const lambda = await startLambda(parts);
  const events = await startEvents(parts, lambda.service);
  const endpoints = { lambda: url(lambda.port), dynamodb: url(tablesPort), s3: url(s3.port), events: url(events.port) };
  deployFunctions(lambda.service, parts, endpoints);
  void warmFunctions(lambda.service, parts);
  if (parts.isOld) await resumeCells(lambda.service, parts.cells, at);
  const connections = cellConnections(parts, endpoints);
  const notices = noticesOf(parts, lambda.service);
  const { outputs, principals, callLog } = parts;
  return { ...lambda, ...events, dynamodb, s3, connections, notices, outputs, principals, calls: callLog };
}

/** Prepares what the services need to start, as one object from which each service takes its own parts. */
async function partsOf(start: CloudStart, places: Folders, folder: string) {
  const deployment = await describeStack(start.stack, folder);
  const cells = cellsOf(deployment);
  const { clients, roles } = issueCredentials(deployment, clientsMay(start.stack, deployment, cells));
  const callers = [...clients, ...roles.values()];
  const callLog = new CallLog();
  return {
    ...deployment,
    ...start.tuning,
    ...places,
    folder,
    cells,
    clients,
    roles,
    callers,
    principals: new Principals(callers),
    code: unpackFunctions(deployment.functions, folder),
    latencyChoice: start.latency,
    latency: start.latency && new LatencyModel(start.latency),
    callLog,
    calls: start.tuning?.recordCalls === true ? callLog : undefined,
  };
}

/** Returns what to tell the user about the machine's capacity and imitated latencies. */
function noticesOf(
  { cells, latencyChoice }: { cells: readonly Cell[]; latencyChoice: LatencyChoice | undefined },
  service: LambdaService,
): string[] {
  const notices = capacityNotice(engineCount(cells), availableParallelism(), service.budget.most);
  if (latencyChoice)
    notices.push(`calls are delayed by latency model ${latencyChoice.model}, seed ${latencyChoice.seed}`);
  return notices;
}

/** Locations of a cloud's data. */
interface Folders {
  /** Whether tables from an earlier start exist. */
  isOld: boolean;
  /** Folder of the tables; undefined: memory. */
  tablesFolder: string | undefined;
  blobsFolder: string;
  /** File that records which rules were enabled or disabled; undefined: not recorded. */
  rulesFile: string | undefined;
  /** Folder of the logs; undefined: memory. */
  logs: string | undefined;
}

function foldersOf({ dataDir, logDir }: CloudStart, folder: string): Folders {
  if (dataDir === undefined)
    return {
      isOld: false,
      tablesFolder: undefined,
      blobsFolder: join(folder, "s3"),
      rulesFile: undefined,
      logs: logDir,
    };
  const tablesFolder = join(dataDir, "dynamodb");
  return {
    isOld: existsSync(tablesFolder),
    tablesFolder,
    blobsFolder: join(dataDir, "s3"),
    rulesFile: join(dataDir, "rules.json"),
    logs: join(dataDir, "logs"),
  };
}

async function describeStack(stack: CloudStart["stack"], folder: string): Promise<Deployment> {
  return readDeployment("template" in stack ? stack.template : await synthesize(stack.settings, folder));
}

/** Returns each client's statements, by the client's name. Without `clientMay`, these are what the construct grants. */
function clientsMay(
  stack: CloudStart["stack"],
  deployment: Deployment,
  cells: readonly Cell[],
): ReadonlyMap<string, readonly Statement[]> {
  if ("clientMay" in stack && stack.clientMay !== undefined) return new Map([["client", stack.clientMay]]);
  return new Map(cells.map((cell) => [cell.tenant ?? "client", clientStatements(deployment, cell)]));
}

function engineCount(cells: readonly Cell[]): number {
  return cells.flatMap(({ pools }) => pools).reduce((sum, { count }) => sum + count, 0);
}

function url(port: number): string {
  return `http://127.0.0.1:${port}`;
}
