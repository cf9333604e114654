import type { ISecurityGroup, IVpc, SubnetSelection } from "aws-cdk-lib/aws-ec2";
import { InvalidFlag } from "../lambdas/protocol/errors.ts";

/**
 * The network of a pool, for tasks that must reach something in a VPC, such as a database.
 *
 * Engines need Lambda and S3. From a VPC they reach both only through a NAT gateway or VPC endpoints (an interface
 * endpoint for Lambda, a gateway endpoint for S3). NAT gateways and interface endpoints are billed by the hour, even
 * while idle.
 *
 * @example
 * const pool: EnginePool & PoolNetwork = { name: "inside", count: 8, vpc, vpcSubnets: { subnetGroupName: "tasks" } };
 */
export interface PoolNetwork {
  /** The VPC. Default: none; engines then reach the internet but nothing private. */
  vpc?: IVpc | undefined;
  /** The subnets. Default: the VPC's private subnets. */
  vpcSubnets?: SubnetSelection | undefined;
  /** The security groups. Default: a new one for the pool, which allows all outbound and no inbound traffic. */
  securityGroups?: ISecurityGroup[] | undefined;
}

const KEYS = ["vpc", "vpcSubnets", "securityGroups"] as const;

/**
 * Separates the network settings, which are CDK objects, from the other props of the pools, which are JSON.
 *
 * @throws InvalidFlag that names the prop
 */
export function splitNetworks(engines: unknown): { pools: unknown; networks: PoolNetwork[] } {
  if (!Array.isArray(engines)) return { pools: engines, networks: [] };
  const networks = engines.map((pool: unknown, at) => networkOf(pool, `engines[${at}]`));
  const pools = engines.map((pool: unknown) => {
    if (typeof pool !== "object" || pool === null) return pool;
    return Object.fromEntries(Object.entries(pool).filter(([key]) => !KEYS.some((one) => one === key)));
  });
  return { pools, networks };
}

function networkOf(pool: unknown, path: string): PoolNetwork {
  // The pool is not validated yet: each field is checked below.
  const { vpc, vpcSubnets, securityGroups } = (pool ?? {}) as PoolNetwork;
  if (vpc === undefined) {
    for (const [key, value] of Object.entries({ vpcSubnets, securityGroups }))
      if (value !== undefined) throw new InvalidFlag(`${path}.${key}`, `requires vpc: set it too, or omit ${key}`);
    return {};
  }
  if (typeof vpc !== "object" || vpc === null || !("vpcId" in vpc))
    throw new InvalidFlag(
      `${path}.vpc`,
      "must be an IVpc of the CDK, which JSON cannot hold: define the stack in code",
    );
  if (securityGroups !== undefined && !(Array.isArray(securityGroups) && securityGroups.length > 0))
    throw new InvalidFlag(`${path}.securityGroups`, "must be a list of at least one security group");
  return { vpc, vpcSubnets, securityGroups };
}
