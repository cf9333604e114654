import { devNull } from "node:os";
import { bootstrapAndDeploy } from "./cdk-cli.ts";
import type { ContractTarget } from "./contract-cloud.ts";
import { deployedCluster } from "./deployed-cluster.ts";

const STACK = "FantailContract";

/**
 * Credentials that any emulator accepts; the account is that of the access key, or zeros. The user's own AWS
 * configuration is ignored, since a profile in it would override these credentials.
 */
export const EMULATOR = {
  region: "us-east-1",
  env: {
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_REGION: "us-east-1",
    AWS_DEFAULT_REGION: "us-east-1",
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
  },
};

/**
 * A cloud that already serves AWS's API at `FANTAIL_TEST_ENDPOINT`, such as LocalStack at http://127.0.0.1:4566. The
 * stack is not removed. `FANTAIL_TEST_POLICIES=1` declares that it enforces policies.
 */
export const endpointTarget: ContractTarget = {
  name: `the cloud at ${process.env.FANTAIL_TEST_ENDPOINT ?? "FANTAIL_TEST_ENDPOINT"}`,
  enforcesPolicies: process.env.FANTAIL_TEST_POLICIES === "1",
  patience: 3,
  missing: async () =>
    process.env.FANTAIL_TEST_ENDPOINT === undefined
      ? "FANTAIL_TEST_ENDPOINT names no endpoint, as http://127.0.0.1:4566"
      : undefined,
  start: () => deployAt(process.env.FANTAIL_TEST_ENDPOINT ?? "", async () => {}),
};

/** Deploys the contract's cluster to a running emulator and connects to it. */
export async function deployAt(endpoint: string, stop: () => Promise<void>) {
  try {
    for (const name of Object.keys(process.env)) if (name.startsWith("AWS_")) delete process.env[name];
    // Clients in this process read credentials from the environment too.
    Object.assign(process.env, EMULATOR.env);
    const begun = performance.now();
    await bootstrapAndDeploy({ stack: STACK, endpoint, env: EMULATOR.env });
    console.log(`cdk bootstrap and cdk deploy took ${((performance.now() - begun) / 1000).toFixed(1)} s`);
    return await deployedCluster({ stack: STACK, region: EMULATOR.region, endpoint }, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}
