/** The role of a function in its cluster. */
export type FunctionKind = "scheduler" | "report" | "engine";

export const FUNCTION_KINDS: readonly FunctionKind[] = ["scheduler", "report", "engine"];

/**
 * Returns the kind of a function from its name or its log group's name. Both names contain the construct's id:
 * `Scheduler`, `Report`, or `Engine-` and the pool's name. The names of stacks and pools may contain these words too.
 *
 * @returns undefined for a function that is not part of a cluster
 */
export function kindOf(name: string): FunctionKind | undefined {
  if (/Engine[A-Za-z\d]+(?:Function|Log)/.test(name)) return "engine";
  const [, found] = /(Scheduler|Report)(?:Function|Log)/.exec(name) ?? [];
  return FUNCTION_KINDS.find((kind) => kind === found?.toLowerCase());
}
