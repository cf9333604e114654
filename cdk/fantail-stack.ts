import type { StackProps } from "aws-cdk-lib";
import { Stack } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { parseTenants } from "../lambdas/protocol/cluster-settings.ts";
import { STACK_DESCRIPTION } from "../lambdas/protocol/stack-outputs.ts";
import { Fantail } from "./fantail.ts";
import type { FantailProps } from "./fantail-props.ts";

/** What a whole stack is made of. */
export interface FantailStackProps extends StackProps {
  fantail: Omit<FantailProps, "tenant"> & {
    /**
     * A cell for each of these tenants: tables, bucket, functions and roles of its own. Nothing of one tenant's can be read, run or
     * slowed by another; an idle cell costs nothing but what it stores. CloudFormation takes 500 resources, which is some 20 tenants
     * of one pool. Default: one cluster for all.
     */
    tenants?: string[] | undefined;
  };
}

/** A stack that holds one cluster, or a cell for each tenant, to be deployed as it stands. */
export class FantailStack extends Stack {
  /** The cluster; where there are tenants, the first one's. */
  readonly fantail: Fantail;
  /** Cells by tenant. */
  readonly tenants: Readonly<Record<string, Fantail>>;

  constructor(scope: Construct, id: string, { fantail: { tenants: given, ...fantail }, ...props }: FantailStackProps) {
    super(scope, id, { description: STACK_DESCRIPTION, ...props });
    const [first, ...others] = given === undefined ? [] : parseTenants(given);
    const cellOf = (tenant: string) => new Fantail(this, `Tenant-${tenant}`, { ...fantail, tenant });
    this.fantail = first === undefined ? new Fantail(this, "Fantail", fantail) : cellOf(first);
    const tenants = others.map((tenant) => [tenant, cellOf(tenant)] as const);
    this.tenants = Object.fromEntries(first === undefined ? [] : [[first, this.fantail], ...tenants]);
  }
}
