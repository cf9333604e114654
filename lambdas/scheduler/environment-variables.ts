import * as v from "valibot";
import { DEFAULT_RETENTION_DAYS } from "../protocol/cluster-settings.ts";
import { HighWaterMark, SchemeName } from "../protocol/flags.ts";
import { LogLevelVariable, parseVariables } from "../protocol/function-variables.ts";
import { deployedFunctions } from "./deployed-functions.ts";
import type { ClusterConfig } from "./ports/cluster-config.ts";
import { userScheme } from "./user-scheme.ts";

/**
 * Environment variables of the scheduler's functions: those that the stack sets, and the function's name that Lambda
 * sets.
 */
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
        architecture: v.optional(v.literal("x86_64")),
        functions: v.pipe(v.array(v.string()), v.minLength(1)),
        revision: v.optional(v.string()),
      }),
    ),
  ),
  FANTAIL_REPORT_FUNCTION: v.optional(v.string()),
  FANTAIL_SWEEP_RULE: v.string(),
  FANTAIL_LOG_LEVEL: LogLevelVariable,
  FANTAIL_METRICS: v.optional(v.string()),
  FANTAIL_PASS_SECONDS: v.pipe(v.string(), v.transform(Number), v.number(), v.minValue(1)),
  AWS_LAMBDA_FUNCTION_NAME: v.string(),
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: v.optional(v.pipe(v.string(), v.transform(Number), v.number()), "1769"),
});
type Environment = v.InferOutput<typeof Environment>;

/**
 * Parses the environment variables of the scheduler's functions.
 *
 * @throws ClusterError that names the first variable that is missing or wrong
 */
export function parseEnvironment(variables: Readonly<Record<string, string | undefined>>): Environment {
  return parseVariables(Environment, variables);
}

/** The settings of the cluster, taken from the environment variables that its stack sets. */
export function configOf(environment: Environment): ClusterConfig {
  return {
    pools: environment.FANTAIL_POOLS,
    scheme: environment.FANTAIL_SCHEME === "user" ? (userScheme ?? "leastload") : environment.FANTAIL_SCHEME,
    hwm: environment.FANTAIL_HWM,
    code: { shipping: environment.FANTAIL_CODE_SHIPPING === "on", functions: deployedFunctions },
    reportFunction: environment.FANTAIL_REPORT_FUNCTION ?? environment.AWS_LAMBDA_FUNCTION_NAME,
    passMs: environment.FANTAIL_PASS_SECONDS * 1000,
  };
}
