import type { ClusterSettings } from "../../../lambdas/protocol/cluster-settings.ts";
import { deriveCell, type StackCode } from "./derive-cell.ts";
import { SEED, type StackOutput, type StackResource, type StackSeed } from "./stack-template.ts";

/** A template, ready to be written as JSON. */
export interface StackTemplate extends Record<string, unknown> {
  Resources: Record<string, StackResource>;
  Outputs: Record<string, StackOutput>;
}

/**
 * Derives the template that the construct would produce from these settings, using the seed, a template that it
 * produced before. The CDK itself would take seconds, and 185 MB of installed packages.
 * `test/local/derive-stack.slow.ts` checks that a derived template equals the CDK's.
 *
 * @throws InvalidFlag if a function's environment variables are too large
 */
export function deriveStack(seed: StackSeed, settings: ClusterSettings, code: StackCode): StackTemplate {
  const { Description, ...others } = seed.rest;
  const cells =
    settings.tenants === undefined
      ? [deriveCell(seed, settings, code, { cluster: SEED.cluster })]
      : settings.tenants.map((tenant) => deriveCell(seed, settings, code, { cluster: `Tenant-${tenant}`, tenant }));
  return {
    Description,
    Resources: Object.assign({}, ...cells.map(({ resources }) => resources)),
    Outputs: Object.assign({}, ...cells.map(({ outputs }) => outputs)),
    ...others,
  };
}
