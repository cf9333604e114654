import { ClientCore } from "../client-core.ts";
import { AwsCloud } from "../cluster/aws-cloud.ts";
import { systemClock } from "../cluster/clock.ts";
import { askStatus } from "../cluster/engine-roster.ts";
import { type ConnectOptions, findCluster } from "../cluster/find-cluster.ts";
import { SchedulerFunction } from "../cluster/scheduler-function.ts";
import { timelineWriter } from "../timeline/timeline-writer.ts";
import { CommandClient } from "./command-client.ts";

/**
 * Connects a command's client.
 *
 * @throws NoCluster, which lists the places tried
 */
export async function connectClient(address: ConnectOptions): Promise<CommandClient> {
  const { address: found, connected } = await findCluster(address, async (connection) => {
    const cloud = new AwsCloud(connection, address.awsProfile);
    try {
      const { pools } = await askStatus(new SchedulerFunction(cloud, systemClock), { type: "status" });
      const core = new ClientCore(cloud, systemClock, pools);
      core.writeTimeline = timelineWriter;
      return core;
    } catch (error) {
      cloud.close();
      throw error;
    }
  });
  return new CommandClient(connected, found);
}
