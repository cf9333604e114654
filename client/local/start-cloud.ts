import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import * as v from "valibot";
import type { ClusterSettings } from "../../lambdas/protocol/cluster-settings.ts";
import type { Connection } from "../cluster/connection.ts";
import type { Principal, Statement } from "./doors/access.ts";
import { issueCredentials } from "./doors/issue-credentials.ts";
import { TrafficMeter } from "./doors/meter.ts";
import { Principals } from "./doors/principals.ts";
import { listenOnLoopback } from "./doors/request-guard.ts";
import type { DynamoDbStart } from "./dynamodb/dynamodb-process.ts";
import { EventRules } from "./events/event-rules.ts";
import { EventsDoor, type EventsDoorParts } from "./events/events-door.ts";
import { capacityNotice } from "./lambda/capacity-notice.ts";
import type { BudgetTuning } from "./lambda/environment-budget.ts";
import { environmentShare, warmEnvironments } from "./lambda/environment-share.ts";
import { environmentVariables } from "./lambda/environment-variables.ts";
import { type EventDelays, LAMBDA_DELAYS } from "./lambda/event-queue.ts";
import { FunctionLog } from "./lambda/function-log.ts";
import { LambdaApi } from "./lambda/lambda-api.ts";
import { LambdaFaults } from "./lambda/lambda-faults.ts";
import { LambdaService } from "./lambda/lambda-service.ts";
import { type OwnProcess, startOwnProcess } from "./own-process.ts";
import { resumeCells } from "./resume-cells.ts";
import type { S3Start } from "./s3/s3-process.ts";
import { type Cell, cellsOf, clientStatements, poolOf } from "./stack/cells.ts";
import { readDeployment } from "./stack/read-deployment.ts";
import { REGION } from "./stack/resource-names.ts";
import { synthesize } from "./synthesize.ts";
import { bundleBootstrap, unpackCode } from "./unpack-code.ts";

/** What the process that holds a cloud is asked to start. */
export interface CloudStart {
  /** What the construct is to describe; or a template that is there already, where tests of this cloud say what its client may do. */
  stack: { settings: ClusterSettings } | { template: string; clientMay?: Statement[] | undefined };
  /** Folder for tables, blobs and logs that outlive the cloud. */
  dataDir?: string | undefined;
  /** Folder for logs where there is no `dataDir`. Default: they are kept in memory, the last of them. */
  logDir?: string | undefined;
  tuning?: CloudTuning | undefined;
}

/** Departures from AWS's own figures, so that tests need not wait for minutes. */
export interface CloudTuning {
  eventDelays?: EventDelays | undefined;
  /** Milliseconds between the firings of each rule. */
  ruleEveryMs?: number | undefined;
  accountConcurrency?: number | undefined;
  engineEnvironments?: BudgetTuning | undefined;
}

/** A cloud that runs in this process. */
export interface RunningCloud {
  /** One for each cell, in the order of the stack's outputs. */
  connections: [Connection, ...Connection[]];
  outputs: Record<string, string>;
  service: LambdaService;
  principals: Principals;
  meter: TrafficMeter;
  faults: LambdaFaults;
  dynamodb: OwnProcess;
  s3: OwnProcess;
  /** Of EventBridge's door. */
  eventsMeter: TrafficMeter;
  rules: EventRules;
  /** What the user should know. */
  notices: string[];
}

/**
 * Starts everything that the stack describes, in order.
 *
 * @param folder for what does not outlive the cloud
 */
export async function startCloudHere(
  { stack, dataDir, logDir, tuning = {} }: CloudStart,
  folder: string,
): Promise<RunningCloud> {
  const at = Date.now();
  const isOld = dataDir !== undefined && existsSync(tablesIn(dataDir));
  const [dynamodb, s3] = [startOwnProcess("dynamodb/dynamodb-process"), startOwnProcess("s3/s3-process")];
  const template = "template" in stack ? stack.template : await synthesize(stack.settings, folder);
  const deployment = readDeployment(template);
  const cells = cellsOf(deployment);
  const isTest = "clientMay" in stack && stack.clientMay !== undefined;
  const clientsMay = new Map(
    isTest
      ? [["client", stack.clientMay ?? []]]
      : cells.map((cell) => [cell.tenant ?? "client", clientStatements(deployment, cell)]),
  );
  const { clients, roles } = issueCredentials(deployment, clientsMay);
  const principals = [...clients, ...roles.values()];

  const data = dataDir ?? folder;
  const logs = dataDir === undefined ? logDir : join(dataDir, "logs");
  const code = unpackCode(deployment.functions, folder);
  const bootstrap = bundleBootstrap(folder);
  const [dynamodbPort, s3Port] = await Promise.all([
    startDynamoDb(dynamodb, {
      tables: deployment.tables,
      principals,
      path: dataDir && tablesIn(dataDir),
      group: process.pid,
      folder,
    }),
    startS3(s3, { buckets: deployment.buckets, principals, path: join(data, "s3"), group: process.pid, folder }),
  ]);

  const known = new Principals(principals);
  const service = new LambdaService({
    principals: known,
    roles,
    accountConcurrency: tuning.accountConcurrency,
    engineEnvironments: tuning.engineEnvironments,
  });
  const meter = new TrafficMeter();
  const faults = new LambdaFaults();
  let port = 0;
  port = await listenOnLoopback(
    new LambdaApi({ service, principals: known, meter, faults, port: () => port }).server(),
  );
  const rules = new EventRules({
    rules: deployment.rules,
    service,
    everyMs: tuning.ruleEveryMs,
    file: dataDir && join(dataDir, "rules.json"),
  });
  const eventsMeter = new TrafficMeter();
  const eventsPort = await startEvents({ rules, principals: known, meter: eventsMeter });
  const endpoints = {
    lambda: `http://127.0.0.1:${port}`,
    dynamodb: `http://127.0.0.1:${dynamodbPort}`,
    s3: `http://127.0.0.1:${s3Port}`,
  };
  for (const spec of deployment.functions) {
    const role = roles.get(spec.role);
    const task = code.get(spec.name);
    if (!role || task === undefined) continue;
    const variables = environmentVariables(
      spec,
      role,
      { ...endpoints, events: `http://127.0.0.1:${eventsPort}` },
      { task, cache: join(folder, "compiled") },
    );
    service.deploy({
      spec,
      setup: {
        bootstrap,
        functionArn: spec.arn,
        folder: task,
        variables,
        memoryMb: spec.memoryMb,
        timeoutSeconds: spec.timeoutSeconds,
      },
      log: new FunctionLog(spec.name, logs),
      isEngine: poolOf(spec, cells) !== undefined,
      share: environmentShare(spec, deployment.functions, cells),
      delays: tuning.eventDelays ?? LAMBDA_DELAYS,
      mayLog: (action) => known.decide(role, action, `${spec.logGroup}:log-stream:any`) === "allowed",
    });
  }
  if (!isTest) for (const fn of service.all()) fn.warm(warmEnvironments(fn.spec, deployment.functions, cells));
  if (isOld) await resumeCells(service, cells, at);
  const [first = NO_CELL, ...others] = cells;
  const connect = (cell: Cell, at: number): Connection => ({
    ...cell,
    region: REGION,
    endpoints,
    ...keysOf(clients[at]),
    ...(logs !== undefined && { logs }),
  });
  const connections: RunningCloud["connections"] = [
    connect(first, 0),
    ...others.map((cell, at) => connect(cell, at + 1)),
  ];
  const { outputs } = deployment;
  const engines = cells.flatMap(({ pools }) => pools).reduce((sum, { count }) => sum + count, 0);
  const notices = capacityNotice(engines, availableParallelism(), service.budget.most);
  return { notices, connections, outputs, service, principals: known, meter, eventsMeter, faults, dynamodb, s3, rules };
}

function tablesIn(dataDir: string): string {
  return join(dataDir, "dynamodb");
}

async function startDynamoDb({ channel }: OwnProcess, start: DynamoDbStart): Promise<number> {
  return v.parse(v.number(), await channel.call("start", start));
}

async function startS3({ channel }: OwnProcess, start: S3Start): Promise<number> {
  return v.parse(v.number(), await channel.call("start", start));
}

async function startEvents(parts: Omit<EventsDoorParts, "port">): Promise<number> {
  let port = 0;
  port = await listenOnLoopback(new EventsDoor({ ...parts, port: () => port }).server());
  return port;
}

/** Of a stack that holds no cluster: the services can be reached all the same. */
const NO_CELL: Cell = {
  scheduler: "",
  taskTable: "",
  engineTable: "",
  blobBucket: "",
  pools: [],
  scheme: "",
  hwm: "adaptive",
};

function keysOf(client: Principal | undefined): Pick<Connection, "credentials"> {
  if (!client) return {};
  const { accessKeyId, secretAccessKey } = client;
  return { credentials: { accessKeyId, secretAccessKey } };
}
