import { randomBytes } from "node:crypto";
import type { Principal, Statement } from "../requests/access.ts";
import type { Deployment } from "./deployment.ts";
import { ACCOUNT } from "./resource-names.ts";

/** The callers of the cloud. */
export interface IssuedCredentials {
  /** The clients, in the order in which their statements were given. */
  clients: Principal[];
  /** The functions' roles, by ARN. */
  roles: Map<string, Principal>;
}

/**
 * Creates random credentials for the clients and for the role of each function.
 *
 * @param clientsMay each client's statements, by the client's name
 */
export function issueCredentials(
  deployment: Deployment,
  clientsMay: ReadonlyMap<string, readonly Statement[]>,
): IssuedCredentials {
  const roles = new Map<string, Principal>();
  for (const { role, label, name, statements } of deployment.functions) {
    const session = `${role.replace(":iam:", ":sts:").replace(":role/", ":assumed-role/")}/${name}`;
    roles.set(role, { ...drawKeys(), label, arn: session, statements });
  }
  const clients = [...clientsMay].map(([name, statements]) => {
    const arn = `arn:aws:iam::${ACCOUNT}:user/${name}`;
    return { ...drawKeys(), label: "client", arn, statements };
  });
  return { clients, roles };
}

function drawKeys(): { accessKeyId: string; secretAccessKey: string } {
  return {
    accessKeyId: `FT${randomBytes(18).toString("hex").toUpperCase()}`,
    secretAccessKey: randomBytes(24).toString("base64url"),
  };
}
