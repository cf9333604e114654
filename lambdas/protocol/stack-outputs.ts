/** Names of a stack's outputs, by which clients find its cluster, or the cell of one tenant. */
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

/** CloudFormation allows letters and digits only in an output's name, of which the tenant's is a part. */
export const TENANT_NAME = /^[A-Za-z][A-Za-z0-9]{0,39}$/;

/** Under which name a stack tells `name`; of a tenant's cell, when there is one. */
export function outputKey(name: OutputName, tenant?: string): string {
  return tenant === undefined ? name : `Tenant${tenant}${name}`;
}

/** Tenants whose cells a stack with these outputs holds, in their order; undefined stands for a cluster without tenants. */
export function tenantsOf(outputs: Readonly<Record<string, unknown>>): (string | undefined)[] {
  return Object.keys(outputs)
    .map((key) => /^(?:Tenant([A-Za-z][A-Za-z0-9]*))?SchedulerFunction$/.exec(key))
    .filter((match) => match !== null)
    .map(([, tenant]) => tenant);
}

/** What a stack that is nothing but clusters says of itself, so that commands which replace or delete it know it. */
export const STACK_DESCRIPTION = "fantail: map and apply over engines";

/** Claims that a stack with this description holds clusters and nothing else. */
export function isFantailStack(description: string | undefined): boolean {
  return description === STACK_DESCRIPTION;
}
