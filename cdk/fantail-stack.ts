import type { StackProps } from "aws-cdk-lib";
import { Stack } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { parseTenants } from "../lambdas/protocol/cluster-settings.ts";
import { STACK_DESCRIPTION } from "../lambdas/protocol/stack-outputs.ts";
import { Fantail } from "./fantail.ts";
import type { FantailProps } from "./fantail-props.ts";

/**
 * Props of a stack: the props of any CDK stack, and the cluster's under `fantail`.
 *
 * @example
 * new FantailStack(app, "Fantail", { fantail: { engines: [{ name: "default", count: 16 }] } });
 */
export interface FantailStackProps extends StackProps {
  fantail: Omit<FantailProps, "tenant"> & {
    /**
     * Creates a separate cell for each of these tenants, with its own tables, bucket, functions and roles. No tenant
     * can read, run or slow down anything of another tenant's; an idle cell costs only its storage. CloudFormation
     * allows 500 resources per stack, enough for about 20 tenants with one pool. Default: a single cluster without
     * tenants.
     */
    tenants?: string[] | undefined;
  };
}

/** A stack with one cluster, or a cell for each tenant, ready to deploy. */
export class FantailStack extends Stack {
  /** The cluster; with tenants, the cell of the first. */
  readonly fantail: Fantail;
  /** The cells by tenant; empty without tenants. */
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
