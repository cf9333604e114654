import * as v from "valibot";
import { HighWaterMark } from "../lambdas/protocol/flags.ts";
import { Connection } from "./connection.ts";

/** A search that takes longer has no network. */
const SEARCH_MS = 15_000;

const Outputs = v.object({
  SchedulerFunction: v.string(),
  TaskTable: v.string(),
  EngineTable: v.string(),
  BlobBucket: v.string(),
  Scheme: v.string(),
  Hwm: v.pipe(
    v.string(),
    v.transform((text) => (text === "adaptive" ? text : Number(text))),
    HighWaterMark,
  ),
  Pools: v.pipe(v.string(), v.parseJson(), Connection.entries.pools),
});

export interface StackSearch {
  stack: string;
  region: string | undefined;
  endpoint?: string | undefined;
  awsProfile: string | undefined;
}

/**
 * Reads the connection of a deployed stack from its outputs.
 *
 * @throws Error when CloudFormation cannot be asked, knows no such stack, or it is not one of fantail's
 */
export async function findStack(search: StackSearch, signal?: AbortSignal): Promise<Connection> {
  const { stack, region, endpoint, awsProfile } = search;
  // Loaded only here: most clients have a connection file.
  const { CloudFormationClient, DescribeStacksCommand } = await import("@aws-sdk/client-cloudformation");
  const client = new CloudFormationClient({
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(awsProfile === undefined ? {} : { profile: awsProfile }),
  });
  const timeout = AbortSignal.timeout(SEARCH_MS);
  const abortSignal = signal ? AbortSignal.any([signal, timeout]) : timeout;
  try {
    const { Stacks: stacks } = await client.send(new DescribeStacksCommand({ StackName: stack }), { abortSignal });
    const outputs = stacks?.[0]?.Outputs?.map(({ OutputKey: key, OutputValue: value }) => [key, value]) ?? [];
    const parsed = v.safeParse(Outputs, Object.fromEntries(outputs));
    if (!parsed.success) throw new Error(`it has not fantail's outputs: ${v.summarize(parsed.issues)}`);
    const { output } = parsed;
    return {
      region: await client.config.region(),
      endpoints: endpoint === undefined ? undefined : { lambda: endpoint, dynamodb: endpoint, s3: endpoint },
      scheduler: output.SchedulerFunction,
      taskTable: output.TaskTable,
      engineTable: output.EngineTable,
      blobBucket: output.BlobBucket,
      pools: output.Pools,
      scheme: output.Scheme,
      hwm: output.Hwm,
    };
  } finally {
    client.destroy();
  }
}
