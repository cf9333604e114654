import type { ClusterStatus, QueueStatus } from "../../lambdas/protocol/scheduler-answer.ts";
import { addressOf, type ClusterOptions, orNoCluster } from "./cluster-options.ts";

/** A cluster's address, and its state as its scheduler reports it. */
export interface ClusterReading {
  address: Record<string, unknown>;
  status: ClusterStatus;
  queue: QueueStatus;
}

/** Reads a cluster's engines and queue, at nearly the same time. */
export async function readCluster(options: ClusterOptions): Promise<ClusterReading> {
  const [{ findCluster }, { AwsCloud }, { SchedulerFunction }, { systemClock }, { askStatus }, { askQueue }] =
    await Promise.all([
      import("../cluster/find-cluster.ts"),
      import("../cluster/aws-cloud.ts"),
      import("../cluster/scheduler-function.ts"),
      import("../cluster/clock.ts"),
      import("../cluster/engine-roster.ts"),
      import("../cluster/queue-status.ts"),
    ]);
  const { address, connected } = await orNoCluster(
    findCluster(addressOf(options), async (connection) => {
      const cloud = new AwsCloud(connection, options.awsProfile);
      try {
        const scheduler = new SchedulerFunction(cloud, systemClock);
        const [status, queue] = await Promise.all([askStatus(scheduler, { type: "status" }), askQueue(scheduler)]);
        return { status, queue };
      } finally {
        cloud.close();
      }
    }),
  );
  return { address: { ...address }, ...connected };
}

/** Counts the tasks in ranges of several jobs. */
export function countTasks(ranges: QueueStatus["waiting"]): number {
  return ranges.reduce((sum, one) => sum + one.ranges.reduce((all, [from, to]) => all + to - from, 0), 0);
}
