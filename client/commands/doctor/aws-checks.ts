import { findStack } from "../../cluster/find-stack.ts";
import { silenceSdkWarning } from "../../cluster/sdk-warning.ts";
import type { Connection } from "../../connection/connection.ts";
import { type Check, checked, ok, skipped, wrong } from "./check.ts";

/** Where to look for a stack. */
export interface StackPlace {
  stack: string;
  tenant: string | undefined;
  region: string | undefined;
  endpoint: string | undefined;
  awsProfile: string | undefined;
}

/**
 * Checks region, credentials, quota and stack in an AWS account.
 *
 * @param isWanted whether the user asked for a stack; otherwise missing credentials are no fault
 */
export async function awsChecks(
  place: StackPlace,
  isWanted: boolean,
): Promise<{ checks: Check[]; connection?: Connection }> {
  const { LambdaClient, GetAccountSettingsCommand } = await import("@aws-sdk/client-lambda");
  silenceSdkWarning();
  const { region, endpoint, awsProfile } = place;
  const client = new LambdaClient({
    ...(region !== undefined && { region }),
    ...(endpoint !== undefined && { endpoint }),
    ...(awsProfile !== undefined && { profile: awsProfile }),
  });
  const need = isWanted ? wrong : (check: string, detail: string) => skipped(check, `${detail} Only a stack needs it`);
  try {
    const [where, who] = await Promise.all([
      client.config.region().then(
        (name) => ok("region", name),
        () => need("region", "no AWS region is set.", "Set AWS_REGION, or pass --region"),
      ),
      client.config.credentials().then(
        ({ accessKeyId, accountId }) =>
          ok("account", `${accountId ?? "credentials"} with key ${accessKeyId.slice(0, 4)}…`),
        () => need("account", "no AWS credentials were found.", "Run `aws configure sso`, or pass --aws-profile"),
      ),
    ]);
    if (where.result !== "ok" || who.result !== "ok")
      return {
        checks: [where, who, skipped("stack", `${place.stack} was not searched: region or credentials are missing`)],
      };
    let connection: Connection | undefined;
    const stack = await checked(
      "stack",
      async () => {
        connection = await findStack(place);
        return ok("stack", `${place.stack} in ${connection.region}`);
      },
      `Deploy it with \`fantail deploy --stack ${place.stack}\`; you need cloudformation:DescribeStacks`,
    );
    const engines = connection?.pools.reduce((sum, { count }) => sum + count, 0) ?? 0;
    const quota = client.send(new GetAccountSettingsCommand({})).then(
      ({ AccountLimit: limit }) => quotaCheck(limit?.UnreservedConcurrentExecutions ?? 0, engines),
      (error: Error) => skipped("quota", `it cannot be read: ${error.message || error.name}`),
    );
    return { checks: [where, who, await quota, stack], ...(connection && { connection }) };
  } finally {
    client.destroy();
  }
}

/** Checks that the account allows an invocation for each engine, and some more for the scheduler and for reports. */
function quotaCheck(concurrency: number, engines: number): Check {
  const detail = `${concurrency} concurrent invocations are left for ${engines} engines`;
  if (concurrency >= engines + Math.ceil(engines / 4) + 2) return ok("quota", detail);
  return wrong("quota", detail, "Ask AWS for more concurrent executions of Lambda, or deploy fewer engines");
}
