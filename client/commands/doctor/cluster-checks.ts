import { AwsCloud } from "../../cluster/aws-cloud.ts";
import { askStatus } from "../../cluster/engine-roster.ts";
import type { Connection } from "../../connection/connection.ts";
import { newestJobs } from "../../history/newest-jobs.ts";
import { type Check, checked, ok, wrong } from "./check.ts";

/** Checks a cluster itself: whether its scheduler answers, its tables can be read, and it has engines. */
export async function clusterChecks(connection: Connection, awsProfile: string | undefined): Promise<Check[]> {
  const cloud = new AwsCloud(connection, awsProfile);
  let engines = 0;
  const status = async () => {
    const { pools, scheme } = await askStatus(cloud, { type: "status" });
    engines = pools.reduce((sum, { count }) => sum + count, 0);
    return ok("scheduler", `${connection.scheduler} answers, in a form that this version reads; scheme ${scheme}`);
  };
  const tables = async () => {
    const [newest] = await newestJobs(cloud, Date.now(), 1);
    const last = newest ? `the newest job is ${newest.job}` : "no job yet";
    return ok("tables", `${connection.taskTable} can be read: ${last}`);
  };
  try {
    const checks = [
      await checked(
        "scheduler",
        status,
        "You need lambda:InvokeFunction on it, and the version of fantail that it was deployed with",
      ),
      await checked(
        "tables",
        tables,
        "You need dynamodb:GetItem and dynamodb:Query on it: see `grantClient` of the construct",
      ),
    ];
    if (checks[0]?.result !== "ok") return checks;
    const found =
      engines > 0 ? ok("engines", `${engines}`) : wrong("engines", "none", "Add some with client.scale(pool, count)");
    return [...checks, found];
  } finally {
    cloud.close();
  }
}
