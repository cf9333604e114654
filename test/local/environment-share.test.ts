import { availableParallelism } from "node:os";
import { expect, it } from "vitest";
import { environmentShare, warmEnvironments } from "../../client/local/lambda/environment-share.ts";
import type { FunctionSpec } from "../../client/local/stack/deployment.ts";

const CORES = availableParallelism();

function aFunction(variables: Record<string, string>): FunctionSpec {
  return {
    name: "one",
    arn: "arn:aws:lambda:us-east-1:000000000000:function:one",
    label: "one",
    handler: "index.one",
    codeFolder: "/nowhere",
    memoryMb: 512,
    timeoutSeconds: 30,
    variables,
    logGroup: "arn:aws:logs:us-east-1:000000000000:log-group:one",
    role: "arn:aws:iam::000000000000:role/one",
    statements: [],
    recursiveLoop: "Terminate",
    isolatesTenants: false,
    reservedConcurrency: undefined,
    events: { maxRetries: 2, maxAgeSeconds: 60, onFailure: undefined },
  };
}

it("scheduler and report start one environment for four cores, and more only if invocations wait for long", () => {
  const control = aFunction({ FANTAIL_POOLS: "[]" });
  expect(environmentShare(control, [control], [])).toBe(Math.ceil(CORES / 4));
  expect(warmEnvironments(control, [control], [])).toBe(1);
});

it("a user's own function starts an environment for each core, but none ahead", () => {
  const own = aFunction({});
  expect(environmentShare(own, [own], [])).toBe(Math.max(2, CORES));
  expect(warmEnvironments(own, [own], [])).toBe(0);
});

it("with imitated latencies, functions start as many environments as they need", () => {
  const control = aFunction({ FANTAIL_POOLS: "[]" });
  expect(environmentShare(control, [control], [], true)).toBe(1000);
});
