import { createHash } from "node:crypto";
import type { ClusterSettings } from "../../../lambdas/protocol/cluster-settings.ts";

type Pool = ClusterSettings["engines"][number];

/** Returns the settings of a pool that clients and the scheduler need. The architecture is stated unless it is arm64. */
export function statedIn({ name, count, memoryMb, timeoutSeconds, architecture }: Pool) {
  return { name, count, memoryMb, timeoutSeconds, ...(architecture === "x86_64" && { architecture }) };
}

/** Returns the settings of a pool that the scheduler needs, including its functions and revision. */
export function statedInside(pool: Pool, functions: readonly string[]) {
  return { ...statedIn(pool), revision: poolRevision(pool), functions };
}

/** Returns the description of a pool's functions in the AWS console. */
export function poolDescription({ name, count }: Pool): string {
  return `Runs the tasks of the ${count} engines of pool ${name}`;
}

/**
 * Returns how many of the pool's reserved environments the function at this index gets. The first functions take the
 * remainder.
 */
export function reservedFor(at: number, { burst }: Pick<Pool, "burst">, reservedConcurrency: number): number {
  return Math.floor((reservedConcurrency + burst - 1 - at) / burst);
}

/** Returns the environment variables that the functions of all kinds have. */
export function sharedVariables({ codeShipping, logLevel }: Pick<ClusterSettings, "codeShipping" | "logLevel">) {
  return { FANTAIL_CODE_SHIPPING: codeShipping ? "on" : "off", FANTAIL_LOG_LEVEL: logLevel };
}

/** Returns a hash of the settings that determine what a task finds on a pool's engines. */
function poolRevision({ name, memoryMb, timeoutSeconds, architecture, environment, modules, layers }: Pool): string {
  const made = { name, memoryMb, timeoutSeconds, architecture, environment, modules, layers };
  return createHash("sha256").update(JSON.stringify(made)).digest("hex").slice(0, 12);
}
