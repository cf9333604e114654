import { CommandFailure, EXIT } from "./exit-codes.ts";

/** The tenants whose cells a stack contains; undefined stands for a cluster without tenants. */
export type Tenants = readonly (string | undefined)[];

/**
 * Returns a warning about the cells that a deployment would remove from a stack, for example because `tenants` got
 * shorter. The CDK asks only about permissions, and retained tables would no longer belong to any cluster.
 *
 * @returns undefined if no cell is removed
 * @throws CommandFailure without `--yes`, so that a forgotten props file removes no cells
 */
export function droppedCells(stack: string, before: Tenants, after: Tenants, yes: boolean): string | undefined {
  const dropped = before.filter((tenant) => !after.includes(tenant));
  if (dropped.length === 0) return undefined;
  const whose = dropped.map((tenant) => (tenant === undefined ? "the cluster without tenants" : `tenant ${tenant}`));
  const removal = `this deployment removes ${whose.join(" and ")} from stack ${stack}, because it does not name ${whose.length === 1 ? "it" : "them"}`;
  const rest = `${removal}; tables and blobs stay, unless the stack was deployed with --removal destroy`;
  if (yes) return rest;
  throw new CommandFailure(`${rest}. Name all tenants in --props, or pass --yes`, EXIT.usage);
}
