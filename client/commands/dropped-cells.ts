import { CommandFailure, EXIT } from "./exit-codes.ts";

/** Whose cells a stack holds; undefined stands for a cluster without tenants. */
export type Tenants = readonly (string | undefined)[];

/**
 * Says whose cells a deployment takes out of a stack, as one with fewer `tenants` does: the CDK asks about rights only, and tables
 * that stay would be left to nobody.
 *
 * @returns undefined where all stay
 * @throws CommandFailure without `--yes`, so that no cell goes because a file of props was forgotten
 */
export function droppedCells(stack: string, before: Tenants, after: Tenants, yes: boolean): string | undefined {
  const dropped = before.filter((tenant) => !after.includes(tenant));
  if (dropped.length === 0) return undefined;
  const whose = dropped.map((tenant) => (tenant === undefined ? "the cluster without tenants" : `tenant ${tenant}`));
  const what = `this deployment removes ${whose.join(" and ")} from stack ${stack}, since it does not name ${whose.length === 1 ? "it" : "them"}`;
  const rest = `${what}; tables and blobs stay, unless the stack was deployed with --removal destroy`;
  if (yes) return rest;
  throw new CommandFailure(`${rest}. Name all tenants in --props, or pass --yes`, EXIT.usage);
}
