import {
  localstackMissing,
  localstackName,
  preparedLocalstack,
  startLocalstack,
} from "../contract/container/localstack-container.ts";
import { endpointCloud } from "./endpoint-cloud.ts";
import type { FidelityTarget } from "./fidelity-cloud.ts";
import { SYMBOLS } from "./stand-ins.ts";

const { FANTAIL_TEST_ENDPOINT } = process.env;

/** LocalStack: at `FANTAIL_TEST_ENDPOINT`, else in a container. */
export const localstackTarget: FidelityTarget = {
  column: "localstack",
  get name() {
    return FANTAIL_TEST_ENDPOINT === undefined ? localstackName() : `the cloud at ${FANTAIL_TEST_ENDPOINT}`;
  },
  missing: async () => (FANTAIL_TEST_ENDPOINT === undefined ? localstackMissing() : undefined),
  // Parts that the image built here replaces are expected to differ only there.
  isOnlyReported: async (row) =>
    SYMBOLS[row] !== undefined && (FANTAIL_TEST_ENDPOINT !== undefined || !(await preparedLocalstack()).isLocal),
  start: async () => {
    if (FANTAIL_TEST_ENDPOINT !== undefined) return endpointCloud(FANTAIL_TEST_ENDPOINT, async () => {});
    const { endpoint, stop } = await startLocalstack();
    return endpointCloud(endpoint, stop);
  },
};
