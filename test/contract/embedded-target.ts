import { type Cloud, startCloud } from "../../client/local/index.ts";
import { LAMBDA_DELAYS } from "../../client/local/lambda/event-queue.ts";
import { expectSoundCloud } from "../e2e/sound-cloud.ts";
import { CONTRACT_POOLS, type ContractTarget } from "./contract-cloud.ts";

/** Interval of the sweep's rule, instead of a minute. */
const RULE_MS = 3_000;
/** First delay before a throttled event is retried, instead of Lambda's second. */
const THROTTLE_MS = 100;

/** The embedded cloud, started for the suite. */
export const embeddedTarget: ContractTarget = {
  name: "the embedded cloud",
  enforcesPolicies: true,
  missing: async () => undefined,
  start: async () => {
    const cloud: Cloud = await startCloud({
      pools: CONTRACT_POOLS,
      tuning: { ruleEveryMs: RULE_MS, eventDelays: { ...LAMBDA_DELAYS, throttleMs: THROTTLE_MS } },
    });
    return {
      ruleEveryMs: RULE_MS,
      address: { urlFile: cloud.urlFile },
      loseSessions: async () => {
        await cloud.faults.dropEvents("engine");
        return async () => {};
      },
      throttle: async () => {
        const refusals = async () => (await cloud.meter()).invocations.engine?.throttled ?? 0;
        const before = await refusals();
        await cloud.faults.reserveConcurrency("engine", 1);
        return async () => {
          await cloud.faults.reserveConcurrency("engine");
          if ((await refusals()) === before) throw new Error("nothing was throttled");
        };
      },
      expectSound: () => expectSoundCloud(cloud),
      stop: cloud.close,
    };
  },
};
