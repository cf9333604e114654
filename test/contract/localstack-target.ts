import { localstackMissing, localstackName, startLocalstack } from "./container/localstack-container.ts";
import type { ContractTarget } from "./contract-cloud.ts";
import { deployAt } from "./endpoint-target.ts";

/** LocalStack in a container that testcontainers starts: the official image, or its own code in one that is built here. */
export const localstackTarget: ContractTarget = {
  get name() {
    return localstackName();
  },
  patience: 3,
  // What is free of LocalStack takes every call.
  enforcesPolicies: false,
  missing: localstackMissing,
  start: async () => {
    const { endpoint, stop } = await startLocalstack();
    return deployAt(endpoint, stop);
  },
};
