import { randomBytes } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { DynamoStore } from "../adapters/dynamo-store.ts";
import { LambdaStarter } from "../adapters/lambda-starter.ts";
import { lazyEventRule } from "../adapters/lazy-event-rule.ts";
import { RowTtl } from "../adapters/row-ttl.ts";
import { configOf, parseEnvironment } from "./environment.ts";
import { newCluster } from "./messages/cluster.ts";
import { reportEndpoint } from "./report-endpoint.ts";
import { schedulerEndpoint } from "./scheduler-endpoint.ts";

const environment = parseEnvironment(process.env);
const starter = new LambdaStarter(new LambdaClient({ cacheMiddleware: true }));
const store = new DynamoStore(
  new DynamoDBClient({ cacheMiddleware: true }),
  { tasks: environment.FANTAIL_TASK_TABLE, engines: environment.FANTAIL_ENGINE_TABLE },
  new RowTtl(environment.FANTAIL_RETENTION_DAYS, () => Date.now()),
);
const cluster = newCluster(
  {
    store,
    startEngine: (name, event) => starter.start(name, event),
    sweepRule: lazyEventRule(environment.FANTAIL_SWEEP_RULE),
    now: () => Date.now(),
    sleep: (ms) => setTimeout(ms),
    random: () => Math.random(),
    newSecret: () => randomBytes(16).toString("base64url"),
    log: (event, fields) => console.log(JSON.stringify({ event, ...fields })),
  },
  configOf(environment),
);

/** Handler of the scheduler function, for clients and the one-minute rule. */
export const scheduler = (payload: unknown) => schedulerEndpoint(cluster, payload);

/** Handler of the report function, for engines and Lambda's failure records. */
export const report = (payload: unknown) => reportEndpoint(cluster, payload);
