/** What a function of a cluster is for. */
export type FunctionKind = "scheduler" | "report" | "engine";

export const FUNCTION_KINDS: readonly FunctionKind[] = ["scheduler", "report", "engine"];

/**
 * The kind of a function, by its name or its log group's: they bear the names of their constructs, which are `Scheduler`, `Report`, and
 * `Engine-` with the pool's. Stacks and pools may be called so, too.
 *
 * @returns undefined for a function that is no cluster's
 */
export function kindOf(name: string): FunctionKind | undefined {
  if (/Engine[A-Za-z\d]+(?:Function|Log)/.test(name)) return "engine";
  const [, door] = /(Scheduler|Report)(?:Function|Log)/.exec(name) ?? [];
  return FUNCTION_KINDS.find((kind) => kind === door?.toLowerCase());
}
