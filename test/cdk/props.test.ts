import { describe, expect, it } from "vitest";
import type { FantailProps } from "../../cdk/fantail-props.ts";
import { InvalidFlag } from "../../lambdas/protocol/errors.ts";
import { aStack } from "./a-stack.ts";

const pool = { name: "default", count: 4 };

/** Returns the flag and message with which the construct refuses props. */
function refusal(props: Record<string, unknown>): { flag: string; message: string } {
  try {
    aStack(props as Partial<FantailProps>);
  } catch (error) {
    if (error instanceof InvalidFlag) return { flag: error.flag, message: error.message };
    throw error;
  }
  throw new Error(`${JSON.stringify(props)} was accepted`);
}

describe("invalid props are rejected before anything is created", () => {
  it.each([
    [{ scheme: "fastest" }, "scheme", "leastload, lru, plainrandom, twobin, weighted"],
    [{ scheme: { entry: "./mine.ts" } }, "scheme", "{ entry, export }"],
    [{ scheme: { entry: "./nowhere.ts", export: "choose" } }, "scheme", "nowhere.ts"],
    [{ functions: "./nowhere.ts" }, "functions", "nowhere.ts"],
    [{ functions: 5 }, "functions", "path of a module"],
    [{ codeShipping: false }, "codeShipping", "set `functions` to the path of the module that exports them"],
    [{ codeShipping: "no" }, "codeShipping", "true or false"],
    [{ hwm: -1 }, "hwm", "whole number, 0 or more"],
    [{ hwm: 1.5 }, "hwm", "whole number, 0 or more"],
    [{ hwm: "none" }, "hwm", "adaptive"],
    [{ engines: [] }, "engines", "at least one pool"],
    [{ engines: [pool, pool] }, "engines[1].name", "two pools named default"],
    [{ engines: [{ ...pool, name: "my pool" }] }, "engines[0].name", "letters, digits and dashes"],
    [{ engines: [{ ...pool, count: 0 }] }, "engines[0].count", "from 1 to 100000"],
    [{ engines: [{ ...pool, count: "4" }] }, "engines[0].count", "number"],
    [{ engines: [{ ...pool, burst: 0 }] }, "engines[0].burst", "from 1 to 20"],
    [{ engines: [{ ...pool, burst: 21 }] }, "engines[0].burst", "from 1 to 20"],
    [{ engines: [{ ...pool, timeoutSeconds: 0 }] }, "engines[0].timeoutSeconds", "from 1 to 900"],
    [{ engines: [{ ...pool, timeoutSeconds: 901 }] }, "engines[0].timeoutSeconds", "from 1 to 900"],
    [{ engines: [{ ...pool, memoryMb: 64 }] }, "engines[0].memoryMb", "from 128 to 10240"],
    [{ engines: [{ ...pool, architecture: "mips" }] }, "engines[0].architecture", "arm64 or x86_64"],
    [{ engines: [{ ...pool, modules: ["--global"] }] }, "engines[0].modules[0]", "name of an npm package"],
    [{ engines: [{ ...pool, modules: ["https://x/y.tgz"] }] }, "engines[0].modules[0]", "name of an npm package"],
    [{ engines: [{ ...pool, size: 3 }] }, "engines[0].size", "size"],
    [{ engines: [{ ...pool, environment: { FANTAIL_POOL: "x" } }] }, "engines[0].environment.FANTAIL_POOL", "reserved"],
    [{ tenant: "my-team" }, "tenant", "letters and digits"],
    [{ engines: [{ ...pool, reservedConcurrency: 3 }] }, "engines[0].reservedConcurrency", "must be 4 or more"],
    [
      { engines: [{ ...pool, burst: 9, reservedConcurrency: 8 }] },
      "engines[0].reservedConcurrency",
      "must be 9 or more",
    ],
    [{ engines: [{ ...pool, layers: ["tools"] }] }, "engines[0].layers[0]", "ARN"],
    [{ engines: [{ ...pool, vpc: "vpc-1" }] }, "engines[0].vpc", "IVpc"],
    [
      { engines: [{ ...pool, securityGroups: [] }] },
      "engines[0].securityGroups",
      "requires vpc: set it too, or omit securityGroups",
    ],
    [{ encryptionKey: "alias/mine" }, "encryptionKey", "must be a KMS key, or its ARN"],
    [{ reservedConcurrency: { report: 0 } }, "reservedConcurrency.report", "0"],
    [{ reservedConcurrency: { engines: 9 } }, "reservedConcurrency.engines", "engines"],
    [{ monitoring: { topic: "alarms" } }, "monitoring.topic", "must be an SNS topic, or its ARN"],
    [{ monitoring: { alarm: true } }, "monitoring.alarm", "alarm"],
    [{ metricsNamespace: "AWS/Lambda" }, "metricsNamespace", "must be up to 255 letters"],
    [{ monitoring: "all" }, "monitoring", "all"],
    [{ tags: { "aws:mine": "x" } }, "tags.aws:mine", "aws:"],
    [{ tags: { team: 7 } }, "tags.team", "string"],
    [{ removalPolicy: "burn" }, "removalPolicy", "burn"],
    [{ retentionDays: 0 }, "retentionDays", "0"],
    [{ logRetention: 2 }, "logRetention", "2"],
    [{ colour: "red" }, "colour", "colour"],
  ])("invalid props are rejected before anything is created: %j", (props, flag, says) => {
    expect(refusal(props)).toEqual({ flag, message: expect.stringContaining(says) });
  });

  it("a list of pools that does not fit into the scheduler's environment is rejected", () => {
    const pools = (count: number) => Array.from({ length: count }, (_, at) => ({ ...pool, name: `pool-${at}` }));
    expect(() => aStack({ engines: pools(20) })).not.toThrow();
    const tooLong = { flag: "engines: the list of pools", message: expect.stringContaining("4096") };
    expect(refusal({ engines: pools(40) })).toEqual(tooLong);
    expect(refusal({ engines: pools(3).map((one) => ({ ...one, burst: 20 })) })).toEqual(tooLong);
  });

  it("a pool's variables that are too long are rejected", () => {
    expect(refusal({ engines: [{ ...pool, environment: { BIG: "é".repeat(2000) } }] })).toEqual({
      flag: "engines default: environment",
      message: expect.stringContaining("4096"),
    });
  });
});
