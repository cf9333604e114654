import { LambdaClient } from "@aws-sdk/client-lambda";
import { startCloudOf } from "../../client/local/cloud.ts";
import { LAMBDA_DELAYS } from "../../client/local/lambda/event-queue.ts";
import { readDeployment } from "../../client/local/stack/read-deployment.ts";
import { sdkClients, writeStack } from "../local/a-stack.ts";
import type { FidelityTarget } from "./fidelity-cloud.ts";
import { probeStack } from "./probe-stack.ts";
import { unhurriedRetryDelays } from "./unhurried-retry-delays.ts";

/** Factor by which its delays are shorter here than AWS's. */
const TIMES_FASTER = 200;
const MINUTE = 60_000;

/** The embedded cloud. */
export const embeddedTarget: FidelityTarget = {
  column: "embedded",
  name: "the embedded cloud",
  missing: async () => undefined,
  start: async () => {
    const template = writeStack(probeStack());
    const cloud = await startCloudOf({
      stack: { template, clientMay: [{ effect: "Allow", actions: ["*"], resources: ["*"] }] },
      tuning: {
        eventDelays: {
          retryMs: LAMBDA_DELAYS.retryMs / TIMES_FASTER,
          throttleMs: LAMBDA_DELAYS.throttleMs / TIMES_FASTER,
        },
        ruleEveryMs: MINUTE / TIMES_FASTER,
      },
    });
    const { region, endpoints } = cloud.connection;
    const stranger = new LambdaClient({
      region,
      endpoint: endpoints?.lambda ?? "",
      maxAttempts: 1,
      credentials: { accessKeyId: "nobody", secretAccessKey: "nothing" },
    });
    return {
      ...sdkClients(cloud.connection),
      stranger,
      hurried: {
        times: TIMES_FASTER,
        retryDelays: unhurriedRetryDelays,
        ruleInterval: () => readDeployment(template).rules[0]?.everyMs ?? Number.NaN,
      },
      faults: {
        deliverTwice: (name) => cloud.faults.doubleEvents(name),
        leaveUnprocessed: () => cloud.faults.leaveUnprocessed(1),
      },
      stop: () => cloud.close(),
    };
  },
};
