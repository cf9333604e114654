import { type Cloud, startCloud } from "../../client/local/index.ts";
import { CONTRACT_POOLS, type ContractTarget } from "./contract-cloud.ts";

/** The embedded cloud, started for the suite. */
export const embeddedTarget: ContractTarget = {
  name: "the embedded cloud",
  missing: async () => undefined,
  start: async () => {
    const cloud: Cloud = await startCloud({ pools: CONTRACT_POOLS });
    return {
      address: { urlFile: cloud.urlFile },
      loseSessions: async () => {
        await cloud.faults.dropEvents("engine");
        return async () => {};
      },
      throttle: async () => {
        await cloud.faults.throttle(6);
        await cloud.faults.leaveUnprocessed(4);
        return () => cloud.faults.throttle(0);
      },
      stop: cloud.close,
    };
  },
};
