import type { ClusterAddress } from "../../client/cluster/find-cluster.ts";
import { findStack } from "../../client/cluster/find-stack.ts";
import type { ContractCloud } from "./contract-cloud.ts";
import { LambdaControls } from "./lambda-controls.ts";

/**
 * Connects to the contract's cluster in a deployed stack.
 *
 * @param stop ends the cloud that contains it
 */
export async function deployedCluster(
  { stack, region, endpoint }: { stack: string; region: string | undefined; endpoint?: string },
  stop: () => Promise<void>,
): Promise<ContractCloud> {
  const connection = await findStack({ stack, region, endpoint, awsProfile: undefined });
  const address: ClusterAddress = { stack, region: connection.region, ...(endpoint !== undefined && { endpoint }) };
  const controls = new LambdaControls(connection.scheduler, {
    region: connection.region,
    ...(endpoint !== undefined && { endpoint }),
  });
  return {
    address,
    loseSessions: (pool) => controls.loseSessions(pool),
    throttle: (pool) => controls.throttle(pool),
    stop: async () => {
      controls.close();
      await stop();
    },
  };
}
