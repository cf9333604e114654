import { LOCALSTACK, localstackMissing, startLocalstack } from "../contract/container/localstack-container.ts";
import { endpointCloud } from "./endpoint-cloud.ts";
import type { FidelityTarget } from "./fidelity-cloud.ts";

const { FANTAIL_LOCALSTACK_IMAGE, FANTAIL_TEST_ENDPOINT } = process.env;

/** LocalStack itself: at `FANTAIL_TEST_ENDPOINT`, else in a container. The local image is none: MiniStack is in it. */
export const localstackTarget: FidelityTarget = {
  column: "localstack",
  name: FANTAIL_TEST_ENDPOINT === undefined ? LOCALSTACK : `the cloud at ${FANTAIL_TEST_ENDPOINT}`,
  missing: async () => {
    if (FANTAIL_TEST_ENDPOINT !== undefined) return undefined;
    return FANTAIL_LOCALSTACK_IMAGE === "local" ? "the local image is MiniStack's" : localstackMissing();
  },
  start: async () => {
    if (FANTAIL_TEST_ENDPOINT !== undefined) return endpointCloud(FANTAIL_TEST_ENDPOINT, async () => {});
    const { endpoint, stop } = await startLocalstack();
    return endpointCloud(endpoint, stop);
  },
};
