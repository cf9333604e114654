/** Names of a stack's outputs, with which clients find its cluster or one tenant's cell. */
export const OUTPUT_NAMES = [
  "SchedulerFunction",
  "TaskTable",
  "EngineTable",
  "BlobBucket",
  "Scheme",
  "Hwm",
  "Pools",
] as const;

/** One of `OUTPUT_NAMES`. */
export type OutputName = (typeof OUTPUT_NAMES)[number];

/**
 * Letters and digits only: the tenant's name is part of an output's name, and CloudFormation allows no other characters
 * there.
 */
export const TENANT_NAME = /^[A-Za-z][A-Za-z0-9]{0,39}$/;

/** The key of the stack output for `name`, in a tenant's cell if there is one. */
export function outputKey(name: OutputName, tenant?: string): string {
  return tenant === undefined ? name : `Tenant${tenant}${name}`;
}

/** Lists the tenants whose cells are in a stack with these outputs; undefined stands for a cluster without tenants. */
export function tenantsOf(outputs: Readonly<Record<string, unknown>>): (string | undefined)[] {
  return Object.keys(outputs)
    .map((key) => /^(?:Tenant([A-Za-z][A-Za-z0-9]*))?SchedulerFunction$/.exec(key))
    .filter((match) => match !== null)
    .map(([, tenant]) => tenant);
}

/** The description of a stack that contains only clusters. Commands that replace or delete a stack check it. */
export const STACK_DESCRIPTION = "fantail: map and apply over engines";

/** Whether a stack with this description contains clusters and nothing else. */
export function isFantailStack(description: string | undefined): boolean {
  return description === STACK_DESCRIPTION;
}
