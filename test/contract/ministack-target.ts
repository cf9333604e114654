import { ministackContainerMissing, startMinistackContainer } from "./container/ministack-container.ts";
import type { ContractTarget } from "./contract-cloud.ts";
import { deployAt } from "./endpoint-target.ts";
import { installMinistack } from "./ministack-install.ts";
import { startMinistack } from "./ministack-server.ts";

/** `FANTAIL_MINISTACK=container` runs it in a container started by testcontainers, with an image built here. */
const IN_CONTAINER = process.env.FANTAIL_MINISTACK === "container";

/** Installs and starts MiniStack for the suite. */
export const ministackTarget: ContractTarget = {
  name: IN_CONTAINER ? "MiniStack in a container" : "MiniStack",
  enforcesPolicies: true,
  // Its Python waits 50 ms after each invocation for further output of the function.
  patience: 3,
  missing: IN_CONTAINER ? ministackContainerMissing : installMinistack,
  start: async () => {
    const { endpoint, stop } = await (IN_CONTAINER ? startMinistackContainer() : startMinistack());
    return deployAt(endpoint, stop);
  },
};
