import { randomBytes } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { COUNTED, countingCalls } from "../adapters/count-call.ts";
import { DynamoStore } from "../adapters/dynamo-store.ts";
import { EmbeddedMetrics } from "../adapters/embedded-metrics.ts";
import { jsonLog } from "../adapters/json-log.ts";
import { LambdaStarter } from "../adapters/lambda-starter.ts";
import { lazyEventRule } from "../adapters/lazy-event-rule.ts";
import { leanClient } from "../adapters/lean-client.ts";
import { RowTtl } from "../adapters/row-ttl.ts";
import { PASS_METRICS } from "../protocol/metric-names.ts";
import { answerWithUsage } from "./answer-with-usage.ts";
import { countedLog, countedPasses } from "./counted-passes.ts";
import { configOf, parseEnvironment } from "./environment-variables.ts";
import { newCluster } from "./messages/cluster.ts";
import { reportEndpoint } from "./report-endpoint.ts";
import { schedulerEndpoint } from "./scheduler-endpoint.ts";

const environment = parseEnvironment(process.env);
// The stack passes the name of the report function to the scheduler function only.
const name = environment.FANTAIL_REPORT_FUNCTION === undefined ? "report" : "scheduler";
const scope = { namespace: environment.FANTAIL_METRICS, dimension: ["Function", name] } as const;
const metrics = new EmbeddedMetrics(scope, PASS_METRICS, Date.now);
const lambda = leanClient(new LambdaClient({ cacheMiddleware: true }));
const dynamodb = leanClient(new DynamoDBClient({ cacheMiddleware: true }));
const store = new DynamoStore(
  dynamodb,
  { tasks: environment.FANTAIL_TASK_TABLE, engines: environment.FANTAIL_ENGINE_TABLE },
  new RowTtl(environment.FANTAIL_RETENTION_DAYS, () => Date.now()),
);
const cluster = newCluster(
  {
    store,
    engines: new LambdaStarter(lambda),
    sweepRule: lazyEventRule(environment.FANTAIL_SWEEP_RULE),
    now: () => Date.now(),
    sleep: (ms) => setTimeout(ms),
    randomness: { random: () => Math.random(), newSecret: () => randomBytes(16).toString("base64url") },
    log: countedLog(jsonLog(environment.FANTAIL_LOG_LEVEL, Date.now), metrics),
  },
  configOf(environment),
);

const { usage } = cluster.memory;
for (const { middlewareStack } of [lambda, dynamodb]) middlewareStack.add(countingCalls(usage), COUNTED);
const timer = { gigabytes: environment.AWS_LAMBDA_FUNCTION_MEMORY_SIZE / 1024, now: () => performance.now() };

/** Handler of the scheduler function, for clients and the one-minute rule. */
export const scheduler = countedPasses(
  (payload) =>
    usage.during(timer, async () => answerWithUsage(usage, payload, await schedulerEndpoint(cluster, payload))),
  metrics,
  Date.now,
);

/** Handler of the report function, for engines and Lambda's failure records. */
export const report = countedPasses(
  (payload) => usage.during(timer, () => reportEndpoint(cluster, payload)),
  metrics,
  Date.now,
);
