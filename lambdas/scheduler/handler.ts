import { randomBytes } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { LambdaClient } from "@aws-sdk/client-lambda";
import * as v from "valibot";
import { DynamoStore } from "../adapters/dynamo-store.ts";
import { LambdaStarter } from "../adapters/lambda-starter.ts";
import { RowLife } from "../adapters/row-life.ts";
import { DEFAULT_RETENTION_DAYS } from "../protocol/cluster-settings.ts";
import { HighWaterMark, SchemeName } from "../protocol/flags.ts";
import { type Cluster, newCluster, type SweepRule } from "./cluster.ts";
import { deployedFunctions } from "./deployed-functions.ts";
import { reportEndpoint } from "./report-endpoint.ts";
import { schedulerEndpoint } from "./scheduler-endpoint.ts";
import { userScheme } from "./user-scheme.ts";

const Environment = v.object({
  FANTAIL_TASK_TABLE: v.string(),
  FANTAIL_ENGINE_TABLE: v.string(),
  FANTAIL_SCHEME: v.union([SchemeName, v.literal("user")]),
  FANTAIL_CODE_SHIPPING: v.picklist(["on", "off"]),
  FANTAIL_HWM: v.pipe(
    v.string(),
    v.transform((text) => (text === "adaptive" ? text : Number(text))),
    HighWaterMark,
  ),
  FANTAIL_RETENTION_DAYS: v.optional(
    v.pipe(v.string(), v.transform(Number), v.number(), v.minValue(1)),
    String(DEFAULT_RETENTION_DAYS),
  ),
  FANTAIL_POOLS: v.pipe(
    v.string(),
    v.parseJson(),
    v.array(
      v.object({
        name: v.string(),
        count: v.number(),
        memoryMb: v.number(),
        timeoutSeconds: v.number(),
        functions: v.pipe(v.array(v.string()), v.minLength(1)),
        revision: v.optional(v.string()),
      }),
    ),
  ),
  FANTAIL_REPORT_FUNCTION: v.optional(v.string()),
  FANTAIL_SWEEP_RULE: v.string(),
  FANTAIL_PASS_SECONDS: v.pipe(v.string(), v.transform(Number), v.number(), v.minValue(1)),
  AWS_LAMBDA_FUNCTION_NAME: v.string(),
});

function fromEnvironment(): Cluster {
  const environment = v.parse(Environment, process.env);
  const starter = new LambdaStarter(new LambdaClient({ cacheMiddleware: true }));
  return newCluster(
    {
      store: new DynamoStore(
        new DynamoDBClient({ cacheMiddleware: true }),
        { tasks: environment.FANTAIL_TASK_TABLE, engines: environment.FANTAIL_ENGINE_TABLE },
        new RowLife(environment.FANTAIL_RETENTION_DAYS, () => Date.now()),
      ),
      startEngine: (name, event) => starter.start(name, event),
      sweepRule: lazySweepRule(environment.FANTAIL_SWEEP_RULE),
      now: () => Date.now(),
      sleep: (ms) => setTimeout(ms),
      random: () => Math.random(),
      newSecret: () => randomBytes(16).toString("base64url"),
      log: (event, fields) => console.log(JSON.stringify({ event, ...fields })),
    },
    {
      pools: environment.FANTAIL_POOLS,
      scheme: environment.FANTAIL_SCHEME === "user" ? (userScheme ?? "leastload") : environment.FANTAIL_SCHEME,
      hwm: environment.FANTAIL_HWM,
      code: { shipping: environment.FANTAIL_CODE_SHIPPING === "on", functions: deployedFunctions },
      reportFunction: environment.FANTAIL_REPORT_FUNCTION ?? environment.AWS_LAMBDA_FUNCTION_NAME,
      passMs: environment.FANTAIL_PASS_SECONDS * 1000,
    },
  );
}

/**
 * Loads the EventBridge client only when the rule is switched, about twice in a working cluster's life, and so not in a
 * cold start.
 */
function lazySweepRule(name: string): SweepRule {
  let loaded: Promise<SweepRule> | undefined;
  const rule = () => {
    loaded ??= import("../adapters/event-rule.ts").then(({ EventRule }) => new EventRule(name));
    return loaded;
  };
  return { enable: async () => (await rule()).enable(), disable: async () => (await rule()).disable() };
}

const cluster = fromEnvironment();

/** Handler of the scheduler function, for clients and the one-minute rule. */
export const scheduler = (payload: unknown) => schedulerEndpoint(cluster, payload);

/** Handler of the report function, for engines and Lambda's failure records. */
export const report = (payload: unknown) => reportEndpoint(cluster, payload);
