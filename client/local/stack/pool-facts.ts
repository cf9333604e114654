import { createHash } from "node:crypto";
import type { ClusterSettings } from "../../../lambdas/protocol/cluster-settings.ts";

type Pool = ClusterSettings["engines"][number];

/** What clients and scheduler are told of a pool. */
export function toldOf({ name, count, memoryMb, timeoutSeconds }: Pool) {
  return { name, count, memoryMb, timeoutSeconds };
}

/** What the scheduler is told of a pool besides, with the names of its functions. */
export function toldInside(pool: Pool, functions: readonly string[]) {
  return { ...toldOf(pool), revision: poolRevision(pool), functions };
}

/** What AWS's console shows beside a pool's functions. */
export function poolDescription({ name, count }: Pool): string {
  return `Runs the tasks of the ${count} engines of pool ${name}`;
}

/** The share of the pool's reserved environments that the function at this index gets; the first ones get one more where it does not come out even. */
export function reservedFor(at: number, { burst }: Pick<Pool, "burst">, reservedConcurrency: number): number {
  return Math.floor((reservedConcurrency + burst - 1 - at) / burst);
}

/** Changes with what a pool's engines are made of, and with nothing else: what tasks may find there depends on it. */
function poolRevision({ name, memoryMb, timeoutSeconds, architecture, environment, modules, layers }: Pool): string {
  const made = { name, memoryMb, timeoutSeconds, architecture, environment, modules, layers };
  return createHash("sha256").update(JSON.stringify(made)).digest("hex").slice(0, 12);
}
