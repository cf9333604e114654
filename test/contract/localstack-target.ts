import { ENFORCES_POLICIES, LOCALSTACK, localstackMissing, startLocalstack } from "./container/localstack-container.ts";
import type { ContractTarget } from "./contract-cloud.ts";
import { deployAt } from "./endpoint-target.ts";

/** LocalStack, or an image that stands in for it, in a container that testcontainers starts. */
export const localstackTarget: ContractTarget = {
  name: LOCALSTACK,
  patience: 3,
  enforcesPolicies: ENFORCES_POLICIES,
  missing: localstackMissing,
  start: async () => {
    const { endpoint, stop } = await startLocalstack();
    return deployAt(endpoint, stop);
  },
};
