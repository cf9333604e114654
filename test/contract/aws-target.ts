import { isDeepStrictEqual } from "node:util";
import { findStack } from "../../client/cluster/find-stack.ts";
import { bootstrapAndDeploy } from "./cdk-cli.ts";
import { CONTRACT_POOLS, type ContractTarget } from "./contract-cloud.ts";
import { deployedCluster } from "./deployed-cluster.ts";

const { FANTAIL_TEST_AWS, FANTAIL_TEST_STACK: stack = "" } = process.env;

/**
 * AWS itself: `FANTAIL_TEST_AWS=1 FANTAIL_TEST_STACK=FantailContract npm run test:aws`, with credentials and region
 * from the AWS configuration. Deploys the stack and leaves it there: the user removes it with `npx cdk destroy`.
 */
export const awsTarget: ContractTarget = {
  name: "AWS",
  enforcesPolicies: true,
  // Cold starts, and throttled events that are retried after seconds.
  patience: 10,
  missing: async () => {
    if (FANTAIL_TEST_AWS !== "1") return "it costs money: FANTAIL_TEST_AWS=1 asks for it";
    if (stack === "") return "FANTAIL_TEST_STACK names no stack; it is deployed and left there";
    return undefined;
  },
  start: async () => {
    const region = process.env.AWS_REGION;
    // The stack usually does not exist. Any other error will fail the deployment too.
    const there = await findStack({ stack, region, awsProfile: undefined }).catch(() => undefined);
    const names = there?.pools.map(({ name, count }) => [name, count]);
    // Protects a cluster of the user's own from a mistyped name.
    if (
      names &&
      !isDeepStrictEqual(
        names,
        CONTRACT_POOLS.map(({ name, count }) => [name, count]),
      )
    )
      throw new Error(`the stack ${stack} is there, and is not the contract's: FANTAIL_TEST_STACK must name another`);
    await bootstrapAndDeploy({ stack, env: {} });
    return deployedCluster({ stack, region }, async () => {});
  },
};
