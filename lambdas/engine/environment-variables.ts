import * as v from "valibot";
import { LogLevelVariable, parseVariables } from "../protocol/function-variables.ts";
import type { MinLogLevel } from "../protocol/log-events.ts";

/**
 * Environment variables of an engine pool's function: those that the stack sets, and the memory size that Lambda sets.
 */
const Environment = v.object({
  FANTAIL_BLOB_BUCKET: v.pipe(v.string(), v.minLength(1, "must not be empty")),
  FANTAIL_POOL: v.pipe(v.string(), v.minLength(1, "must not be empty")),
  FANTAIL_CODE_SHIPPING: v.picklist(["on", "off"]),
  FANTAIL_LOG_LEVEL: LogLevelVariable,
  FANTAIL_METRICS: v.optional(v.string()),
  /** Lambda sets this variable; emulators of Lambda need not. */
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: v.optional(
    v.pipe(v.string(), v.transform(Number), v.number(), v.minValue(1)),
    "1769",
  ),
});

/** The settings of an engine pool's function. */
export interface EngineSettings {
  /** Name of the S3 bucket for large values. */
  blobBucket: string;
  pool: string;
  /** Memory of the function, in megabytes. */
  memoryMb: number;
  /** Whether code sent by clients may run. */
  codeShipping: boolean;
  /** Lower levels are not logged. */
  logLevel: MinLogLevel;
  /** Namespace of the metrics in CloudWatch. Absent: none. */
  metricsNamespace: string | undefined;
}

/**
 * Reads the settings of an engine pool's function from its environment variables.
 *
 * @throws ClusterError that names the first variable that is missing or wrong
 */
export function engineSettings(variables: Readonly<Record<string, string | undefined>>): EngineSettings {
  const environment = parseVariables(Environment, variables);
  return {
    blobBucket: environment.FANTAIL_BLOB_BUCKET,
    pool: environment.FANTAIL_POOL,
    memoryMb: environment.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    codeShipping: environment.FANTAIL_CODE_SHIPPING === "on",
    logLevel: environment.FANTAIL_LOG_LEVEL,
    metricsNamespace: environment.FANTAIL_METRICS,
  };
}
