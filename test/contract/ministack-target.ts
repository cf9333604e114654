import type { ContractTarget } from "./contract-cloud.ts";
import { deployAt } from "./endpoint-target.ts";
import { installMinistack } from "./ministack-install.ts";
import { startMinistack } from "./ministack-server.ts";

/** MiniStack, installed and started for the suite. */
export const ministackTarget: ContractTarget = {
  name: "MiniStack",
  enforcesPolicies: true,
  // Its Python waits 50 ms after each invocation for what the function may yet write.
  patience: 3,
  missing: installMinistack,
  start: async () => {
    const { endpoint, stop } = await startMinistack();
    return deployAt(endpoint, stop);
  },
};
