import { localstackMissing, localstackName, startLocalstack } from "./container/localstack-container.ts";
import type { ContractTarget } from "./contract-cloud.ts";
import { deployAt } from "./endpoint-target.ts";

/** LocalStack in a container started by testcontainers: the official image, or LocalStack's code in one built here. */
export const localstackTarget: ContractTarget = {
  get name() {
    return localstackName();
  },
  patience: 3,
  // The free edition of LocalStack allows every call.
  enforcesPolicies: false,
  missing: localstackMissing,
  start: async () => {
    const { endpoint, stop } = await startLocalstack();
    return deployAt(endpoint, stop);
  },
};
