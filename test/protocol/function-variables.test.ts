import * as v from "valibot";
import { expect, test } from "vitest";
import { engineSettings } from "../../lambdas/engine/environment-variables.ts";
import { ClusterError } from "../../lambdas/protocol/errors.ts";
import { parseVariables } from "../../lambdas/protocol/function-variables.ts";
import { parseEnvironment } from "../../lambdas/scheduler/environment-variables.ts";

const ENGINE = { FANTAIL_BLOB_BUCKET: "blobs", FANTAIL_POOL: "default", FANTAIL_CODE_SHIPPING: "off" };
const SCHEDULER = {
  FANTAIL_TASK_TABLE: "tasks",
  FANTAIL_ENGINE_TABLE: "engines",
  FANTAIL_SCHEME: "leastload",
  FANTAIL_HWM: "adaptive",
  FANTAIL_CODE_SHIPPING: "on",
  FANTAIL_POOLS: "[]",
  FANTAIL_SWEEP_RULE: "sweep",
  FANTAIL_PASS_SECONDS: "60",
  AWS_LAMBDA_FUNCTION_NAME: "scheduler",
};

test("known variables are parsed, and others are ignored", () => {
  const schema = v.object({ A: v.pipe(v.string(), v.transform(Number), v.number()) });
  expect(parseVariables(schema, { A: "5", B: "x" })).toEqual({ A: 5 });
});

test("an engine reads its settings from the environment", () => {
  const memoryMb = 512;
  const variables = { ...ENGINE, AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "512", PATH: "/bin" };
  const logged = { logLevel: "warn", metricsNamespace: undefined };
  expect(engineSettings(variables)).toEqual({
    ...{ blobBucket: "blobs", pool: "default", memoryMb, codeShipping: false },
    ...logged,
  });
  const more = { FANTAIL_LOG_LEVEL: "info", FANTAIL_METRICS: "Mine" };
  expect(engineSettings({ ...variables, ...more })).toMatchObject({ logLevel: "info", metricsNamespace: "Mine" });
  expect(engineSettings({ ...ENGINE, FANTAIL_CODE_SHIPPING: "on" })).toMatchObject({
    memoryMb: 1769,
    codeShipping: true,
  });
});

test.each([
  ...Object.keys(ENGINE).map((name) => ["the engine", engineSettings, ENGINE, name] as const),
  ...Object.keys(SCHEDULER).map((name) => ["the scheduler", parseEnvironment, SCHEDULER, name] as const),
])("if %4$s is missing, %1$s throws an error that names it", (_, parse, variables, name) => {
  expect(() => parse(variables)).not.toThrow();
  const { [name]: _missing, ...others }: Record<string, string> = variables;
  expect(() => parse(others)).toThrow(ClusterError);
  expect(() => parse(others)).toThrow(`the environment variable ${name} is missing: deploy the cluster again`);
});

test.each([
  ["FANTAIL_BLOB_BUCKET", "", "must not be empty, not ''"],
  ["FANTAIL_CODE_SHIPPING", "maybe", "must be one of on, off, not 'maybe'"],
  ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "much", "must be a number, not NaN"],
])("an invalid %s is named in the error, with what it must be", (name, value, fault) => {
  expect(() => engineSettings({ ...ENGINE, [name]: value })).toThrow(`the environment variable ${name} ${fault}`);
});
