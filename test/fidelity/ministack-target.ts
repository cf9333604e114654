import { installMinistack } from "../contract/ministack-install.ts";
import { startMinistack } from "../contract/ministack-server.ts";
import { endpointCloud } from "./endpoint-cloud.ts";
import type { FidelityTarget } from "./fidelity-cloud.ts";

/** MiniStack with IAM enforced, as for the contract. */
export const ministackTarget: FidelityTarget = {
  column: "ministack",
  name: "MiniStack",
  missing: installMinistack,
  start: async () => {
    const { endpoint, stop } = await startMinistack();
    return endpointCloud(endpoint, stop);
  },
};
