import { randomBytes } from "node:crypto";
import type { Principal, Statement } from "./access.ts";
import type { Deployment } from "./deployment.ts";
import { ACCOUNT } from "./resource-names.ts";

/** Everyone who may call the cloud. */
export interface IssuedCredentials {
  client: Principal;
  /** By the ARN of the role. */
  roles: Map<string, Principal>;
}

/** Draws keys, new for each cloud, for the client and for the role of each function. */
export function issueCredentials(deployment: Deployment, clientMay: readonly Statement[]): IssuedCredentials {
  const roles = new Map<string, Principal>();
  for (const { role, label, name, statements } of deployment.functions) {
    const session = `${role.replace(":iam:", ":sts:").replace(":role/", ":assumed-role/")}/${name}`;
    roles.set(role, { ...drawKeys(), label, arn: session, statements });
  }
  const arn = `arn:aws:iam::${ACCOUNT}:user/client`;
  return { client: { ...drawKeys(), label: "client", arn, statements: clientMay }, roles };
}

function drawKeys(): { accessKeyId: string; secretAccessKey: string } {
  return {
    accessKeyId: `FT${randomBytes(18).toString("hex").toUpperCase()}`,
    secretAccessKey: randomBytes(24).toString("base64url"),
  };
}

/** What the construct's `grantClient` grants: submit, read outcomes, exchange blobs. */
export function clientStatements({ functions, tables, outputs }: Deployment): Statement[] {
  const allow = (actions: string[], resources: (string | undefined)[]): Statement => ({
    effect: "Allow",
    actions,
    resources: resources.filter((resource) => resource !== undefined),
  });
  return [
    allow(["lambda:InvokeFunction"], [functions.find(({ name }) => name === outputs.SchedulerFunction)?.arn]),
    allow(
      ["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query"],
      [tables.find(({ name }) => name === outputs.TaskTable)?.arn],
    ),
    allow(["s3:GetObject", "s3:PutObject"], [`arn:aws:s3:::${outputs.BlobBucket}/blobs/*`]),
  ];
}
