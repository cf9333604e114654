import { availableParallelism } from "node:os";
import { join } from "node:path";
import * as v from "valibot";
import type { ClusterSettings } from "../../lambdas/protocol/cluster-settings.ts";
import { HighWaterMark } from "../../lambdas/protocol/flags.ts";
import { Connection } from "../connection.ts";
import type { Statement } from "./access.ts";
import type { Deployment, FunctionSpec } from "./deployment.ts";
import type { DynamoDbStart } from "./dynamodb-process.ts";
import { environmentVariables } from "./environment-variables.ts";
import { type EventDelays, LAMBDA_DELAYS } from "./event-queue.ts";
import { FunctionLog } from "./function-log.ts";
import { clientStatements, issueCredentials } from "./issue-credentials.ts";
import { LambdaApi } from "./lambda-api.ts";
import { LambdaFaults } from "./lambda-faults.ts";
import { LambdaService } from "./lambda-service.ts";
import { TrafficMeter } from "./meter.ts";
import { type OwnProcess, startOwnProcess } from "./own-process.ts";
import { Principals } from "./principals.ts";
import { readDeployment } from "./read-deployment.ts";
import { listenOnLoopback } from "./request-guard.ts";
import { REGION } from "./resource-names.ts";
import type { S3Start } from "./s3-process.ts";
import { scheduleRules } from "./schedule-rules.ts";
import { synthesize } from "./synthesize.ts";
import { bundleBootstrap, unpackCode } from "./unpack-code.ts";

/** What the process that holds a cloud is asked to start. */
export interface CloudStart {
  /** What the construct is to describe; or a template that is there already, for tests of this cloud itself. */
  stack: { settings: ClusterSettings } | { template: string; clientMay: Statement[] };
  /** Folder for tables, blobs and logs that outlive the cloud. */
  dataDir?: string | undefined;
  tuning?: CloudTuning | undefined;
}

/** Departures from AWS's own figures, so that tests need not wait for minutes. */
export interface CloudTuning {
  eventDelays?: EventDelays | undefined;
  /** Milliseconds between the firings of each rule. */
  ruleEveryMs?: number | undefined;
  accountConcurrency?: number | undefined;
}

/** A cloud that runs in this process. */
export interface RunningCloud {
  connection: Connection;
  service: LambdaService;
  principals: Principals;
  meter: TrafficMeter;
  faults: LambdaFaults;
  dynamodb: OwnProcess;
  s3: OwnProcess;
  stopRules: () => void;
}

/**
 * Starts everything that the stack describes, in order.
 *
 * @param folder for what does not outlive the cloud
 */
export async function startCloudHere(
  { stack, dataDir, tuning = {} }: CloudStart,
  folder: string,
): Promise<RunningCloud> {
  const [dynamodb, s3] = [startOwnProcess("dynamodb-process"), startOwnProcess("s3-process")];
  const template = "template" in stack ? stack.template : await synthesize(stack.settings, folder);
  const deployment = readDeployment(template);
  const clientMay = "template" in stack ? stack.clientMay : clientStatements(deployment);
  const { client, roles } = issueCredentials(deployment, clientMay);
  const principals = [client, ...roles.values()];

  const data = dataDir ?? folder;
  const code = unpackCode(deployment.functions, folder);
  const bootstrap = bundleBootstrap(folder);
  const [dynamodbPort, s3Port] = await Promise.all([
    startDynamoDb(dynamodb, {
      tables: deployment.tables,
      principals,
      path: dataDir && join(dataDir, "dynamodb"),
      group: process.pid,
      folder,
    }),
    startS3(s3, { buckets: deployment.buckets, principals, path: join(data, "s3"), group: process.pid, folder }),
  ]);

  const known = new Principals(principals);
  const service = new LambdaService({ principals: known, roles, accountConcurrency: tuning.accountConcurrency });
  const meter = new TrafficMeter();
  const faults = new LambdaFaults();
  let port = 0;
  port = await listenOnLoopback(
    new LambdaApi({ service, principals: known, meter, faults, port: () => port }).server(),
  );
  const endpoints = {
    lambda: `http://127.0.0.1:${port}`,
    dynamodb: `http://127.0.0.1:${dynamodbPort}`,
    s3: `http://127.0.0.1:${s3Port}`,
  };
  for (const spec of deployment.functions) {
    const role = roles.get(spec.role);
    const task = code.get(spec.name);
    if (!role || task === undefined) continue;
    const variables = environmentVariables(spec, role, endpoints, { task, cache: join(folder, "compiled") });
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
      log: new FunctionLog(spec.name, dataDir && join(dataDir, "logs")),
      share: shareOf(spec, deployment),
      delays: tuning.eventDelays ?? LAMBDA_DELAYS,
      mayLog: (action) => known.decide(role, action, `${spec.logGroup}:log-stream:any`) === "allowed",
    });
  }
  const stopRules = scheduleRules(deployment.rules, service, tuning.ruleEveryMs);
  if ("settings" in stack)
    for (const fn of service.all()) fn.warm(Math.min(shareOf(fn.spec, deployment), warmth(fn.spec, deployment)));
  const connection = connectionTo(deployment, endpoints, client);
  return { connection, service, principals: known, meter, faults, dynamodb, s3, stopRules };
}

async function startDynamoDb({ channel }: OwnProcess, start: DynamoDbStart): Promise<number> {
  return v.parse(v.number(), await channel.call("start", start));
}

async function startS3({ channel }: OwnProcess, start: S3Start): Promise<number> {
  return v.parse(v.number(), await channel.call("start", start));
}

const Pools = v.pipe(v.string(), v.parseJson(), Connection.entries.pools);

/**
 * Environments that a function may start at once. An engine pool: one for each virtual engine, for each
 * is an invocation that goes on. Others are done in milliseconds: as many as there are processors.
 */
function shareOf({ variables }: FunctionSpec, { outputs, functions }: Deployment): number {
  const pools = outputs.Pools === undefined ? [] : v.parse(Pools, outputs.Pools);
  const pool = pools.find(({ name }) => name === variables.FANTAIL_POOL);
  if (!pool) return Math.max(2, availableParallelism());
  return Math.ceil(pool.count / copiesOf(pool.name, functions));
}

/** Environments started before anything is asked: one of each door, and of each pool engines for the processors. */
function warmth({ variables }: FunctionSpec, { functions }: Deployment): number {
  const pool = variables.FANTAIL_POOL;
  return pool === undefined ? 1 : Math.ceil(availableParallelism() / copiesOf(pool, functions));
}

/** How many functions a pool's engines are spread over. */
function copiesOf(pool: string, functions: readonly FunctionSpec[]): number {
  return functions.filter(({ variables }) => variables.FANTAIL_POOL === pool).length;
}

function connectionTo(
  { outputs }: Deployment,
  endpoints: NonNullable<Connection["endpoints"]>,
  { accessKeyId, secretAccessKey }: { accessKeyId: string; secretAccessKey: string },
): Connection {
  const {
    SchedulerFunction = "",
    TaskTable = "",
    EngineTable = "",
    BlobBucket = "",
    Scheme = "",
    Hwm,
    Pools: pools,
  } = outputs;
  return {
    region: REGION,
    endpoints,
    credentials: { accessKeyId, secretAccessKey },
    scheduler: SchedulerFunction,
    taskTable: TaskTable,
    engineTable: EngineTable,
    blobBucket: BlobBucket,
    pools: pools === undefined ? [] : v.parse(Pools, pools),
    scheme: Scheme,
    hwm: v.parse(HighWaterMark, Hwm === undefined || Hwm === "adaptive" ? "adaptive" : Number(Hwm)),
  };
}
